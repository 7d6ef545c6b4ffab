package twopc

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/sim"
	"distsim/sim/history/ops"
)

func servers(ordinals ...int) (ids []sim.NodeID) {
	for _, i := range ordinals {
		ids = append(ids, sim.Server(i))
	}
	return ids
}

func TestTheZeroConfigIsComplete(t *testing.T) {
	for keeping, want := range []int{1, 2, 3} {
		got := Config{Keeping: Keeping(keeping)}.complete()
		if got.Coordinators != want || got.Accounts != 6 || got.Initial != 100 || got.Batch != 1 || got.VoteRetries != 5 ||
			got.RetryEvery != 100*time.Millisecond || got.BatchWindow != 2*time.Millisecond ||
			got.BeatEvery != 50*time.Millisecond || got.TakeOver != sim.Uniform(300*time.Millisecond, 600*time.Millisecond) {
			t.Errorf("keeping %d: %+v", keeping, got)
		}
	}
	set := Config{Keeping: OnRaft, Coordinators: 5, Accounts: 2, Initial: 7, AskPeers: true, RetryEvery: 1, VoteRetries: 2,
		Batch: 3, BatchWindow: 4, TakeOver: sim.Fixed(5), BeatEvery: 6}
	if got := set.complete(); !reflect.DeepEqual(got, set) {
		t.Errorf("what is set is changed to %+v", got)
	}
}

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		coordinators, servers int
		accounts              int
		want                  [][]string // by participant
	}{
		{1, 2, 3, [][]string{{"a1", "a2", "a3"}}},
		{1, 4, 6, [][]string{{"a1", "a4"}, {"a2", "a5"}, {"a3", "a6"}}},
		{2, 5, 4, [][]string{{"a1", "a4"}, {"a2"}, {"a3"}}},
		{3, 7, 2, [][]string{{"a1"}, {"a2"}, nil, nil}},
		{1, 3, 11, [][]string{{"a1", "a3", "a5", "a7", "a9", "a11"}, {"a2", "a4", "a6", "a8", "a10"}}},
	} {
		all := make([]int, c.servers)
		for i := range all {
			all[i] = i + 1
		}
		cfg := Config{Coordinators: c.coordinators}
		l := cfg.layout(servers(all...))
		if got := servers(all[:c.coordinators]...); !slices.Equal(l.coordinators, got) {
			t.Errorf("%d of %d: coordinators are %v", c.coordinators, c.servers, l.coordinators)
		}
		for i, id := range l.participants {
			if got := l.accountsOf(id, c.accounts); !slices.Equal(got, c.want[i]) {
				t.Errorf("%d of %d: %v has %v, want %v", c.coordinators, c.servers, id, got, c.want[i])
			}
			for _, account := range c.want[i] {
				if got := l.keeper(account); got != id {
					t.Errorf("%d of %d: %s is kept by %v, want %v", c.coordinators, c.servers, account, got, id)
				}
			}
		}
	}
}

func TestShares(t *testing.T) {
	l := layout{coordinators: servers(1), participants: servers(2, 3, 4)}
	legs := func(all ...ops.Leg) []ops.Leg { return all }
	a1, a2, a4, a5 := ops.Leg{Account: "a1", Amount: -30}, ops.Leg{Account: "a2", Amount: 10}, ops.Leg{Account: "a4"}, ops.Leg{Account: "a5", Amount: 20}
	for _, c := range []struct {
		legs []ops.Leg
		want []share
	}{
		{nil, nil},
		{legs(a1), []share{{sim.Server(2), legs(a1), []int{0}}}},
		{legs(a1, a4), []share{{sim.Server(2), legs(a1, a4), []int{0, 1}}}},
		{legs(a5, a1, a2, a4), []share{
			{sim.Server(3), legs(a5, a2), []int{0, 2}},
			{sim.Server(2), legs(a1, a4), []int{1, 3}},
		}},
	} {
		if got := l.shares(ops.Transaction{Legs: c.legs}); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v is shared as %v, want %v", c.legs, got, c.want)
		}
	}
}

// What nobody can mean is said aloud.
func TestMisuse(t *testing.T) {
	l := layout{participants: servers(2)}
	for want, misuse := range map[string]func(){
		"there are no servers left to be participants": func() { (&Config{Coordinators: 2}).layout(servers(1, 2)) },
		"there is no account b":                        func() { l.keeper("b") },
		"there is no account a0":                       func() { l.keeper("a0") },
		"there is no account ax":                       func() { l.keeper("ax") },
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, want) {
					t.Errorf("said %q, want %q", said, want)
				}
			}()
			misuse()
		}()
	}
}
