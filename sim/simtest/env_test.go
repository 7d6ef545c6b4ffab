package simtest

import (
	"strings"
	"testing"
	"time"
)

func TestEnvironment(t *testing.T) {
	const all = 1<<64 - 1
	for _, c := range []struct {
		env  string
		want order
	}{
		{"", order{from: 1, to: 20}},
		{"SIM_SEED=7", order{from: 7, to: 7, chosen: true}},
		{"SIM_SEED=0", order{chosen: true}},
		{"SIM_SEEDS=5", order{from: 1, to: 5, chosen: true}},
		{"SIM_SEEDS=5-5", order{from: 5, to: 5, chosen: true}},
		{"SIM_SEEDS=0-9", order{from: 0, to: 9, chosen: true}},
		{"SIM_SEEDS=1-18446744073709551615", order{from: 1, to: all, chosen: true}},
		{"SIM_TIME=90s", order{from: 1, to: all, keepOn: 90 * time.Second}},
		{"SIM_TIME=1m SIM_SEEDS=100-200", order{from: 100, to: 200, keepOn: time.Minute, chosen: true}},
		{"SIM_PLAN=a.yaml", order{plan: "a.yaml", from: 1, to: 20}},
	} {
		got, err := fromEnvironment(environ(c.env), 20)
		if err != nil || got != c.want {
			t.Errorf("with %q: got %+v, %v, want %+v", c.env, got, err, c.want)
		}
	}
}

func TestEnvironmentErrors(t *testing.T) {
	for env, want := range map[string]string{
		"SIM_SEED=x":                     `SIM_SEED=x: want a number such as 7: "x" is not a whole number`,
		"SIM_SEED=-1":                    `SIM_SEED=-1: want a number`,
		"SIM_SEEDS=0":                    "SIM_SEEDS=0: want a range such as 1-500, or how many, such as 500: no seeds would prove nothing",
		"SIM_SEEDS=9-3":                  "the range ends before it begins",
		"SIM_SEEDS=1-":                   `"" is not a whole number`,
		"SIM_SEEDS=1-2-3":                `"2-3" is not a whole number`,
		"SIM_SEEDS=1e3":                  `"1e3" is not a whole number`,
		"SIM_TIME=5":                     `SIM_TIME=5: want a duration such as 30s or 10m: "5" is not a duration`,
		"SIM_TIME=-5s":                   "no time would prove nothing",
		"SIM_SEED=1 SIM_SEEDS=2":         "SIM_SEED and SIM_SEEDS are both set",
		"SIM_SEED=1 SIM_PLAN=x":          "SIM_PLAN and SIM_SEED are both set",
		"SIM_SEED=1 SIM_TIME=1s":         "SIM_SEED and SIM_TIME are both set",
		"SIM_PLAN=x SIM_TIME=1s":         "SIM_PLAN and SIM_TIME are both set",
		"SIM_SEEDS=18446744073709551616": "is not a whole number",
	} {
		_, err := fromEnvironment(environ(env), 20)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("with %q: got %v, want an error with %q", env, err, want)
		}
	}
}

// environ is an environment of "A=1 B=2".
func environ(s string) func(string) string {
	return func(name string) string {
		for _, pair := range strings.Fields(s) {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value
			}
		}
		return ""
	}
}
