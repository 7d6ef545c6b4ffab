package osly

import (
	_ "log"           // want `os: import of log; it stamps the wall clock; use env.Logf`
	_ "os"            // want `os: import of os; use the Env's disk`
	_ "os/user"       // want `os: import of os/user`
	_ "path/filepath" // want `os: import of path/filepath`
	_ "runtime"       // want `os: import of runtime; do without`
	_ "runtime/debug" // want `os: import of runtime/debug`
	_ "syscall"       // want `os: import of syscall`
)
