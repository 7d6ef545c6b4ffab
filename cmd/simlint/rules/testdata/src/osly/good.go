package osly

import (
	_ "io"
	_ "log/slog"
	_ "net/netip"
	_ "path"

	//simlint:allow os panics carry the stack, which no decision reads
	_ "runtime/debug"
)
