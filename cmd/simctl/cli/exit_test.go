package cli_test

import (
	"strings"
	"testing"
)

// Each command returns the exit code that DESIGN section 8 promises.
func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		args string
		want int
	}{
		{"list", 0},
		{"run calm", 0},
		{"run doomed", 0}, // violated, as declared
		{"run flaky --seed 5", 0},
		{"run flaky --seed 6", 0},
		{"run never", 0}, // sometimes needs a hunt
		{"run broken --seed 7", 1},
		{"run broken --seed 8", 0},
		{"run spared", 1},
		{"run panicky", 1},
		{"run undecided", 3},
		{"run calm --check-determinism", 0},
		{"run restless --check-determinism", 1},
		{"run meddler --check-determinism", 1},
		{"hunt calm --seeds 1-5", 0},
		{"hunt doomed --seeds 1-5", 0},
		{"hunt flaky --seeds 1-5", 0},
		{"hunt flaky --seeds 1-4", 1}, // its sometimes did not come
		{"hunt never --seeds 1-5", 1},
		{"hunt spared --seeds 1-5", 1},
		{"hunt broken --seeds 1-20", 1},
		{"hunt undecided --seeds 1-5", 3},
		{"hunt calm --for 1ns", 3}, // nothing was covered
		{"replay calm --seed 3", 0},
		{"replay broken --seed 7", 1},
		{"replay undecided --seed 7", 3},
		{"help run", 0},
		{"--help", 0},
		{"run --help", 0},
		{"", 2},
	} {
		t.Run(tt.args, func(t *testing.T) {
			if r := on(t, strings.Fields(tt.args)...); r.code != tt.want {
				t.Errorf("exit code of %q: got %d, want %d\n%s%s", tt.args, r.code, tt.want, r.stdout, r.stderr)
			}
		})
	}
}

// Whatever is wrong with what was typed, nothing goes to stdout, the exit code
// is 2 and one line says what is wrong and what to do.
func TestBadUsage(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string // in the message
	}{
		{"lsit", `did you mean "list"`},
		{"simulate", "there are:"},
		{"help rnu", `did you mean "run"`},
		{"list extra", `"extra"`},
		{"list --problem split-brian", `did you mean "split-brain"`},
		{"list --problem quorum", "there are: split-brain, livelock"},
		{"list --problem=", "there is no problem"},
		{"list --jsn", `did you mean "--json"`},
		{"list -x", "unknown shorthand flag"},
		{"run", "wants a scenario"},
		{"run calm doomed", `"doomed"`},
		{"run clam", `did you mean "calm"`},
		{"run CALM", "there is no scenario"},
		{"run calm --sede 3", `did you mean "--seed"`},
		{"run calm --seed", "needs an argument"},
		{"run calm --seed x", `"x" is not a seed`},
		{"run calm --seed -1", "not a seed"},
		{"run calm --seed 1.5", "not a seed"},
		{"run calm --seed 18446744073709551616", "too large"},
		{"run calm --seed=", "a seed is missing (want a whole number from 0"},
		{"run calm --set asks", "want NAME=VALUE"},
		{"run calm --set =4", "want NAME=VALUE"},
		{"run calm --set aks=4", `did you mean "asks"`},
		{"run calm --set asks=many", "whole number from 1 to 100000"},
		{"run calm --set asks=0", "whole number from 1 to 100000"},
		{"run calm --set asks=99999999999999999999", "whole number from 1 to 100000"},
		{"run calm --set asks=", "whole number from 1 to 100000"},
		{"run calm --set asks=13", "brings bad luck"},
		{"run calm --set pause=4", "a duration from"},
		{"run calm --set polite=perhaps", "true or false"},
		{"run calm --set asks=4 --set asks=5", "set twice"},
		{"run calm --plan x.yaml --seed 3", "edit x.yaml"},
		{"run calm --plan x.yaml --set asks=3", "edit x.yaml"},
		{"run calm --out=", "--out: want a file"},
		{"run calm --plan=", "--plan: want a file"},
		{"run sterile --out=", "--out: want a file"},
		{"hunt", "wants a scenario"},
		{"hunt clam", `did you mean "calm"`},
		{"hunt calm --seeds 5-1", "the range is empty"},
		{"hunt calm --seeds 1-", "a seed is missing"},
		{"hunt calm --seeds -5", "a seed is missing"},
		{"hunt calm --seeds 1-2-3", "not a seed"},
		{"hunt calm --seeds=", "a seed is missing"},
		{"hunt calm --seeds 1..5", "not a seed (want N or A-B"},
		{"hunt calm --seeds 1-18446744073709551616", "too large"},
		{"hunt calm --seeds +1-5", "not a seed"},
		{"hunt calm -j 0", "want 1 to 1024"},
		{"hunt calm -j -3", "want 1 to 1024"},
		{"hunt calm -j 5000", "want 1 to 1024"},
		{"hunt calm -j x", "invalid argument"},
		{"hunt calm --for 0s", "more than no time"},
		{"hunt calm --for -5s", "more than no time"},
		{"hunt calm --for 5", "invalid argument"},
		{"hunt calm --set aks=4", `did you mean "asks"`},
		{"hunt calm --declared -1", "want 0 to 10000 plans"},
		{"hunt calm --out=", "want a directory"},
		{"replay", "wants a"},
		{"replay clam", `did you mean "calm"`},
		{"replay calm --seed x", "not a seed"},
		{"replay calm --width -3", "--width"},
	} {
		t.Run(tt.args, func(t *testing.T) { refuses(t, on(t, strings.Fields(tt.args)...), tt.want) })
	}
}

// refuses checks a refusal: exit 2, nothing on stdout, one line with what is wanted.
func refuses(t *testing.T, r result, want string) {
	t.Helper()
	if r.code != 2 {
		t.Errorf("exit code: got %d, want 2", r.code)
	}
	if r.stdout != "" {
		t.Errorf("stdout: got %q, want nothing", r.stdout)
	}
	if !strings.Contains(r.stderr, want) || !strings.HasPrefix(r.stderr, "simctl: ") {
		t.Errorf("stderr: got %q, want \"simctl: …%s…\"", r.stderr, want)
	}
}
