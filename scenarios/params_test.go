package scenarios

import (
	"context"
	"testing"
)

// What a scenario declares depends on its parameters: with too little load or
// too short a partition the violations of split-brain are not certain.
func TestSplitBrainDeclaresByItsParameters(t *testing.T) {
	for _, set := range [][]Value{
		{{"ops", "1"}}, {{"ops", "60"}}, {{"partition", "500ms"}}, {{"partition", "1s"}}, {{"partition", "10s"}},
		{{"nodes", "3"}}, {{"nodes", "9"}}, {{"keys", "1"}}, {{"keys", "2"}}, {{"keys", "8"}}, {{"keys", "100"}},
		{{"clients", "2"}}, {{"clients", "9"}, {"ops", "450"}}, {{"clients", "9"}, {"ops", "1000"}, {"keys", "8"}},
	} {
		h := Hunt{Scenario: splitBrain(), Params: set, From: 1, To: 60, Workers: 2}
		r, err := h.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Failures) > 0 || r.Missing > 0 {
			t.Errorf("%v: %d undeclared violations, %d runs without one declared always", set, len(r.Failures), r.Missing)
		}
	}
}

func TestResolveRefusesWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"node", "5", `scenario split-brain has no parameter "node" (did you mean "nodes"?)`},
		{"zzzzzz", "5", `scenario split-brain has no parameter "zzzzzz" (there are: nodes, clients, keys, ops, partition)`},
		{"nodes", "2", "scenario split-brain: nodes=2: want a whole number from 3 to 99"},
		{"nodes", "five", "scenario split-brain: nodes=five: want a whole number from 3 to 99"},
		{"partition", "1h", "scenario split-brain: partition=1h: want a duration from 500ms to 1m0s, such as 150ms"},
		{"clients", "1", "scenario split-brain: clients=1: both sides of the partition need one; want 2 or more"},
	} {
		_, err := splitBrain().Resolve([]Value{{c.name, c.text}})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s=%s: got %v, want %s", c.name, c.text, err, c.want)
		}
	}
}

// A choice takes its words and says which there are.
func TestResolveChoices(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"lease", "scenario raft: reads=lease: want one of log, index, local"},
		{"indx", `scenario raft: reads=indx: want one of log, index, local (did you mean "index"?)`},
		{"Log", `scenario raft: reads=Log: want one of log, index, local (did you mean "log"?)`},
		{"", "scenario raft: reads=: want one of log, index, local"},
	} {
		_, err := raftScenario().Resolve([]Value{{"reads", c.text}})
		if err == nil || err.Error() != c.want {
			t.Errorf("reads=%s: got %v, want %s", c.text, err, c.want)
		}
	}
	for given, want := range map[string]string{"": "log", "index": "index", "local": "local"} {
		var set []Value
		if given != "" {
			set = []Value{{"reads", given}}
		}
		v, err := raftScenario().Resolve(set)
		if err != nil || v.Choice("reads") != want {
			t.Errorf("reads=%s: got %v, %v", given, v, err)
		}
	}
}
