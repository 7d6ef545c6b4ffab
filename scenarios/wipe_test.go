package scenarios

import (
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/nodes/raft/quorum"
	"distsim/sim"
)

// wipedRaft is Raft under partitions, crashes and, if it is to be, machines that are
// replaced by empty ones, at most one of three down at a time.
func wipedRaft(wipes bool) *Scenario {
	s := raftFamily("wiped-raft", "a Raft store whose machines lose their disks", counting(quorum.Size))
	s.Params = kvParams("3", 1)
	s.Declare = func(v Values) Declaration {
		d := declareRaft(v)
		d.Model = faults.Model{
			Kinds: []faults.Kind{"partition", "isolate", "crash"}, MaxDown: 1, Servers: 3,
			Least: 50 * time.Millisecond, Most: time.Second, Each: 8,
		}
		if wipes {
			d.Model.Kinds = append(d.Model.Kinds, "wipe")
		}
		return d
	}
	return s
}

// firstViolations finds, over some seeds, the first that violates each property.
func firstViolations(t *testing.T, s *Scenario, seeds uint64) map[string]uint64 {
	first := map[string]uint64{}
	for seed := uint64(1); seed <= seeds; seed++ {
		for _, p := range mustRun(t, s, faults.Plan{Version: faults.Version, Seed: seed}, Options{}).Report.Properties {
			if p.Verdict == "violated" && first[p.Name] == 0 {
				first[p.Name] = seed
			}
		}
	}
	return first
}

// Raft counts on its disks: a machine that comes back empty under the old name votes
// again in a term in which it has voted, and makes a majority with one that has missed
// what it had confirmed. That is not only seen on the disks: acknowledged writes are
// lost. Without wipes, and otherwise the same, nothing is violated.
func TestRaftDoesNotSurviveWipes(t *testing.T) {
	const seeds = 100
	wiped := firstViolations(t, wipedRaft(true), seeds)
	t.Logf("first seeds: %v", wiped)
	for _, property := range []string{linearizable, "raft.leader-completeness"} {
		if wiped[property] == 0 {
			t.Errorf("%s holds in %d seeds with wipes", property, seeds)
		}
	}
	if whole := firstViolations(t, wipedRaft(false), seeds); len(whole) > 0 {
		t.Errorf("without wipes these are violated, first in these seeds: %v", whole)
	}
}

// What a wipe leaves is an empty disk: no violation says that memory is behind it.
func TestAWipedVoterHasForgotten(t *testing.T) {
	at, wipe := sim.Time(3*time.Second), faults.Wipe{Target: faults.Aim(faults.Leader)}
	plan := faults.Plan{Version: faults.Version, Seed: 1, Faults: []faults.Entry{{Fault: wipe, At: at, For: 100 * time.Millisecond}}}
	for _, p := range mustRun(t, wipedRaft(true), plan, Options{}).Report.Properties {
		if p.Name != "raft.durable-term-and-vote" {
			continue
		}
		if want := " to term 0 in memory: its disk has been emptied"; !strings.HasSuffix(p.Detail, want) {
			t.Errorf("detail: got %q, want …%s", p.Detail, want)
		}
		return
	}
	t.Error("there is no such property")
}
