package kv_test

import (
	"testing"
	"time"

	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/sim"
)

var preVoteAndCheckQuorum = kv.Config{Raft: raft.Config{PreVote: true, CheckQuorum: true}}

// terms is how many terms pass while some links are cut for five seconds, and
// whether a write goes through in the middle of that.
func (c *cluster) terms(cut sim.LinkRule) (passed raft.Term, goesOn bool) {
	c.Helper()
	highest := func() (term raft.Term) {
		for _, s := range c.servers {
			term = max(term, s.Raft().Term())
		}
		return term
	}
	c.run(time.Second) // the election is over
	before := highest()
	cut.Cut = true
	heal := c.Disturb(cut)
	c.run(3 * time.Second)
	goesOn = c.probe(2 * time.Second)
	c.RunUntil(c.Now() + sim.Time(time.Second))
	heal()
	c.run(time.Second)
	return highest() - before, goesOn
}

// Of three nodes the leader and another lose their link, and the third reaches
// both. Without PreVote the one that hears no leader unseats it through the third,
// then the other does, and so on while the cut lasts (ZOO 8, Cloudflare's
// "Byzantine failure"). With it nothing happens.
func TestOneCutLinkDisturbsNobody(t *testing.T) {
	link := func(c *cluster) sim.LinkRule {
		leader := c.awaitLeader()
		return sim.LinkRule{Groups: [][]sim.NodeID{{leader}, others(c, leader)[:1]}}
	}
	for seed := uint64(1); seed <= 10; seed++ {
		c := newClusterOf(t, 3, lan(seed), preVoteAndCheckQuorum)
		if passed, goesOn := c.terms(link(c)); passed > 0 || !goesOn {
			t.Errorf("seed %d: %d terms passed, a write went through: %v", seed, passed, goesOn)
		}
		c = newCluster(t, 3, lan(seed))
		if passed, _ := c.terms(link(c)); passed < 3 {
			t.Errorf("seed %d: without PreVote %d terms passed; the cut tests nothing", seed, passed)
		}
	}
}

// A leader that can send and not receive is heard, so nobody campaigns, and
// commits nothing. CheckQuorum ends that.
func TestDeafLeaderStepsDown(t *testing.T) {
	deaf := func(c *cluster) sim.LinkRule {
		leader := c.awaitLeader()
		return sim.LinkRule{From: others(c, leader), To: []sim.NodeID{leader}}
	}
	for seed := uint64(1); seed <= 10; seed++ {
		c := newClusterOf(t, 5, lan(seed), preVoteAndCheckQuorum)
		if _, goesOn := c.terms(deaf(c)); !goesOn {
			t.Errorf("seed %d: no write went through", seed)
		}
		c = newCluster(t, 5, lan(seed))
		if _, goesOn := c.terms(deaf(c)); goesOn {
			t.Errorf("seed %d: a write went through without CheckQuorum; the cut tests nothing", seed)
		}
	}
}

// A follower that was cut off comes back without a new term.
func TestFollowerThatWasCutOffDisturbsNobody(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		c := newClusterOf(t, 5, lan(seed), preVoteAndCheckQuorum)
		leader := c.awaitLeader()
		alone := sim.LinkRule{Groups: [][]sim.NodeID{others(c, leader)[:1], append(others(c, leader)[1:], leader)}}
		if passed, goesOn := c.terms(alone); passed > 0 || !goesOn {
			t.Errorf("seed %d: %d terms passed, a write went through: %v", seed, passed, goesOn)
		}
	}
}

// The better log is in an earlier term, the worse one in a later term, and the
// third node is down. Each refuses the other, and with PreVote neither changes its
// term by asking; that the one behind is told of the later term lets it win
// (etcd-io/etcd#8501).
func TestBetterLogLearnsTheLaterTerm(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		c := newClusterOf(t, 3, lan(seed), kv.Config{Raft: raft.Config{PreVote: true}})
		better := c.awaitLeader()
		later, third := others(c, better)[0], others(c, better)[1]
		apart := c.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{better}, {later, third}}, Cut: true})
		noVotes := c.Disturb(sim.LinkRule{Type: "raft/raft.VoteReply", Cut: true})
		node := func(id sim.NodeID) *raft.Node { return c.servers[id.Ordinal()-1].Raft() }
		node(better).Propose(put(1, "k"))
		c.run(2 * time.Second) // the others campaign and elect nobody
		c.Crash(third, sim.LoseAll)
		c.Crash(better, sim.KeepAll) // or it would still lead
		c.Restart(better)
		c.run(0)
		if node(later).Leads() || node(later).Term() <= node(better).Term() || node(later).Next() >= node(better).Next() {
			t.Fatalf("seed %d: %v in term %d has %d entries, %v in term %d has %d", seed,
				later, node(later).Term(), node(later).Next()-1, better, node(better).Term(), node(better).Next()-1)
		}
		apart()
		noVotes()
		if !c.probe(3*time.Second) || c.leader() != better {
			t.Errorf("seed %d: %v leads, want %v", seed, c.leader(), better)
		}
	}
}
