package cli

import (
	"runtime/debug"
	"testing"
)

// A build is known by its revision only if that pins all the code.
func TestRevision(t *testing.T) {
	stamped := func(modified string, deps ...*debug.Module) *debug.BuildInfo {
		return &debug.BuildInfo{Deps: deps, Settings: []debug.BuildSetting{
			{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: modified}}}
	}
	for name, tt := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"a clean checkout":         {stamped("false", &debug.Module{Version: "v1.2.3"}), "git-abc"},
		"a modified checkout":      {stamped("true"), ""},
		"not stamped":              {&debug.BuildInfo{}, ""},
		"replaced by a folder":     {stamped("false", &debug.Module{Version: "v0.0.0", Replace: &debug.Module{Path: "../main"}}), ""},
		"replaced by a version":    {stamped("false", &debug.Module{Version: "v1.0.0", Replace: &debug.Module{Version: "v1.0.1"}}), "git-abc"},
		"a workspace beside it":    {stamped("false", &debug.Module{Version: "(devel)"}), ""},
		"stamped, nothing claimed": {stamped(""), ""},
	} {
		if got := revision(tt.info); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

// Words are quoted as a shell needs it, and plain ones stay plain.
func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{
		"raft":              "raft",
		"failures/r-7.yaml": "failures/r-7.yaml",
		"a b":               "'a b'",
		"it's":              `'it'\''s'`,
		"":                  "''",
		"$(rm)":             "'$(rm)'",
		"~/x":               "'~/x'",
		"#1":                "'#1'",
	} {
		if got := quoted(word); got != want {
			t.Errorf("quoted(%q) = %s, want %s", word, got, want)
		}
	}
}
