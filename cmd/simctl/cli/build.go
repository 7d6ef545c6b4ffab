package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
)

// buildID says which code recorded a plan: the revision when the executable was
// built from an unmodified checkout (then hashes compare across platforms),
// else a hash of the executable itself. Trace hashes are compared only between
// equal builds.
var buildID = sync.OnceValues(func() (string, error) {
	if info, ok := debug.ReadBuildInfo(); ok {
		if rev := revision(info); rev != "" {
			return rev, nil
		}
	}
	return executableHash()
})

// revision is the stamped one, or "" when it does not pin all the code: a
// modified checkout, or a module that comes from a folder beside it.
func revision(info *debug.BuildInfo) string {
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	if set["vcs.revision"] == "" || set["vcs.modified"] != "false" {
		return ""
	}
	for _, m := range info.Deps {
		fromFolder := m.Version == "(devel)" || m.Replace != nil && m.Replace.Version == ""
		if fromFolder {
			return ""
		}
	}
	return set["vcs"] + "-" + set["vcs.revision"]
}

func executableHash() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot tell which build this is: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot tell which build this is: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("cannot tell which build this is: %w", err)
	}
	return "sha256-" + hex.EncodeToString(h.Sum(nil)[:16]), nil
}
