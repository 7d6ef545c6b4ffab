package raft

import (
	"time"

	"distsim/nodes/raft/quorum"
	"distsim/sim"
)

// Config is what the members of a group agree on. The zero Config is all
// servers with the timing of the paper's evaluation (§9.3).
type Config struct {
	Peers           []sim.NodeID  // the voters, this node included; nil: all servers
	HeartbeatEvery  time.Duration // a leader is heard from at least so often; 0: 50ms
	ElectionTimeout sim.Dist      // how long a follower waits for a leader; 0: 150ms..290ms
	MaxBatch        int           // entries in one Append; 0: 64
	Quorum          quorum.Rule   // how many decide; nil: quorum.Size, and nothing else is safe

	// PreVote: a node asks whether it would be elected before it enters a new
	// term, so that one that was cut off comes back without unseating anybody.
	PreVote bool
	// CheckQuorum: a leader without answers from a quorum for an election timeout
	// steps down, and voters who hear from a leader do not listen to candidates.
	CheckQuorum bool
}

// StateMachine is what the group replicates. Two of them that applied the same
// commands in the same order are in the same state.
type StateMachine interface {
	// Apply executes a committed command. The result is valid until the next Apply.
	Apply(at Index, command []byte) (result any)
	// Snapshot captures the state cheaply; the capture is encoded later, while
	// the machine goes on.
	Snapshot() (encode func() []byte)
	// Restore replaces the state by an encoded snapshot.
	Restore(snapshot []byte) error
	// Hash fingerprints the state. Apply keeps it up to date; asking is cheap.
	Hash() uint64
}

// Owner is who proposes to the group on this machine. A nil Owner only watches.
type Owner interface {
	// Applied tells of every command, wherever it was proposed, once it is
	// committed and applied. Neither the entry nor the result may be kept.
	Applied(e *Entry, result any)
	// Deposed tells that this node no longer leads: what was proposed here and
	// not applied may or may not come to pass.
	Deposed()
}

// Elect is an Owner that also wants to know when its reign begins, as it may have
// something to do without being asked.
type Elect interface {
	Owner
	// Elected tells that this node leads now, in Term. What earlier leaders committed may
	// not all be applied here yet.
	Elected()
}

// Reader is an Owner that also reads without the log; see Node.Read.
type Reader interface {
	Owner
	// Readable tells that the state machine may be read now for the count reads
	// that have waited longest. Reads that still wait when Deposed comes are over:
	// nobody will be told of them again.
	Readable(count int)
}

// Node is one member of a Raft group.
type Node struct {
	cfg     Config
	machine StateMachine
	owner   Owner
	reader  Reader // the owner, if it reads without the log
	elect   Elect  // the owner, if it wants to know
	env     *sim.Env
	self    sim.NodeID
	peers   []sim.NodeID // the voters without this node

	// Persistent state: on disk before anyone is told (figure 2).
	term Term
	vote sim.NodeID // granted in this term, 0: nobody
	log  log
	disk storage

	// Volatile state.
	role     role
	leader   sim.NodeID    // of this term, 0: unknown
	patience time.Duration // the election timeout drawn last
	heard    time.Duration // followers: when from the leader, on the machine's clock
	commit   Index
	applied  Index
	digests  []uint64 // the state's hash after each applied index

	votes     []sim.NodeID // candidates and those about to be: who said yes
	followers []follower   // leaders: beside peers
	durable   Index        // leaders: how much of the log is on the own disk
	positions []Index      // leaders: scratch for counting
	reads     reads        // leaders: what waits to be read without the log
}

type role uint8

const (
	isFollower role = iota
	isCandidate
	isLeader
	isPreCandidate
)

// New makes a member of a group over a state machine in its initial state. It
// starts when it is attached: env.Part(name).Attach(node).
func New(cfg Config, machine StateMachine, owner Owner) *Node {
	if cfg.HeartbeatEvery == 0 {
		cfg.HeartbeatEvery = 50 * time.Millisecond
	}
	if cfg.ElectionTimeout == (sim.Dist{}) {
		cfg.ElectionTimeout = sim.Uniform(150*time.Millisecond, 290*time.Millisecond)
	}
	if cfg.MaxBatch == 0 {
		cfg.MaxBatch = 64
	}
	if cfg.Quorum == nil {
		cfg.Quorum = quorum.Size
	}
	reader, _ := owner.(Reader)
	elect, _ := owner.(Elect)
	return &Node{cfg: cfg, machine: machine, owner: owner, reader: reader, elect: elect, log: emptyLog()}
}

// Step settles the term, then handles the message.
func (n *Node) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	if m, ok := m.(termed); ok && m.term() > n.term {
		if n.ignores(m) {
			return
		}
		n.follow(m.term())
	}
	switch m := m.(type) {
	case sim.Boot:
		n.onBoot(env)
	case electionDue:
		n.onElectionDue()
	case *PreVoteRequest:
		n.onPreVoteRequest(from, m)
	case *PreVoteReply:
		n.onPreVoteReply(from, m)
	case *VoteRequest:
		n.onVoteRequest(from, m)
	case *VoteReply:
		n.onVoteReply(from, m)
	case heartbeatDue:
		n.onHeartbeatDue()
	case *Append:
		n.onAppend(from, m)
	case *AppendReply:
		n.onAppendReply(from, m)
	case durable:
		n.onDurable(m)
	}
}

// onBoot starts from what the disk holds, as a follower.
func (n *Node) onBoot(env *sim.Env) {
	n.env, n.self = env, env.ID()
	n.setPeers(env)
	if n.recover() {
		n.waitForLeader()
	}
}

func (n *Node) setPeers(env *sim.Env) {
	if n.cfg.Peers == nil {
		n.cfg.Peers = env.Servers()
	}
	for _, id := range n.cfg.Peers {
		if id != n.self {
			n.peers = append(n.peers, id)
		}
	}
	if len(n.peers)+1 != len(n.cfg.Peers) {
		panic("raft: Config.Peers must name " + n.self.String() + " exactly once")
	}
}

// follow enters a later term, with no vote given and no leader known.
func (n *Node) follow(term Term) {
	n.term, n.vote, n.leader = term, 0, 0
	n.unseat()
}

// unseat ends whatever this node was or wanted to be.
func (n *Node) unseat() {
	led := n.role == isLeader
	n.role = isFollower
	if led {
		n.abdicate()
	}
}

// waitForLeader draws how long this node waits for a leader before it wants to
// be one, and begins to wait.
func (n *Node) waitForLeader() {
	n.patience = n.env.Duration("election timeout", n.cfg.ElectionTimeout)
	n.env.Arm(electionDue{}, n.patience)
}

// Next is where the next proposal would stand.
func (n *Node) Next() Index { return n.log.last() + 1 }

// Propose asks the group to append a command to the log. Only a leader can; it
// answers where the command will stand if this leadership lasts. Applied tells
// when it is committed. The command is not the caller's any more.
func (n *Node) Propose(command []byte) (at Index, ok bool) {
	if n.role != isLeader {
		return 0, false
	}
	n.extend(command)
	return n.log.last(), true
}

// Leader is who leads in the current term, 0 if this node does not know.
func (n *Node) Leader() sim.NodeID { return n.leader }

// Leads reports whether this node believes that it leads.
func (n *Node) Leads() bool { return n.role == isLeader }

// Term is the current term.
func (n *Node) Term() Term { return n.term }
