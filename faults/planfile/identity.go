package planfile

import (
	"fmt"

	"distsim/sim"
)

// subjects are the events and decisions that a plan names, as it spells them.
func subjects() []string { return []string{"message", "timer", "sync", "draw", "crash", "record"} }

// events are those of them that after: can wait for.
func events() []string { return []string{"message", "timer", "sync", "draw", "record"} }

// opShift places a client's operation number in a draw's counter.
const opShift = 20

// event reads what after: waits for.
func (d *decoder) event(n *node, what string) sim.Identity {
	f := d.mapping(n, what)
	id, _ := f.identity(events())
	f.done()
	return id
}

// identity reads the one key of f that names an identity, and says where.
func (f *fields) identity(kinds []string) (sim.Identity, *node) {
	var id sim.Identity
	var found *node
	for _, kind := range kinds {
		n := f.take(kind)
		switch {
		case n == nil:
		case found != nil:
			f.d.fail(n, "%s names two things; keep one", f.what)
		default:
			id, found = f.d.identityOf(kind, n), n
		}
	}
	if found == nil && !f.none && len(f.taken) == 0 && len(f.at.pairs) == 0 {
		f.d.fail(f.at, "%s names nothing; write {message: …}, or another of %v", f.what, kinds)
	}
	return id, found
}

func (d *decoder) identityOf(kind string, n *node) sim.Identity {
	if kind == "record" {
		return sim.Identity{Subject: sim.OfRecord, K: d.natural(n, "record", 1)}
	}
	f := d.mapping(n, kind)
	var id sim.Identity
	switch kind {
	case "message":
		id.Subject, id.Node, id.Peer = sim.OfMessage, f.node("from"), f.node("to")
		id.Name = f.name("type", "raft/raft.Append")
	case "timer":
		id.Subject, id.Node, id.Name = sim.OfTimer, f.node("node"), f.name("type", "raft/raft.electionDue")
	case "sync":
		id.Subject, id.Node, id.Name = sim.OfSync, f.node("node"), f.name("file", "raft/log")
	case "draw":
		id.Subject, id.Node, id.Name = sim.OfNode, f.node("node"), f.name("kind", "raft/election timeout")
	case "crash":
		id.Subject, id.Node = sim.OfCrash, f.node("node")
	}
	if n := f.need("k", "1"); n != nil {
		id.K = d.natural(n, "k", 1)
	}
	f.more(&id)
	f.done()
	return id
}

// more reads what only some identities have: the operation of a client's draw,
// and the copy of a message.
func (f *fields) more(id *sim.Identity) {
	if id.Subject == sim.OfMessage {
		if n := f.take("copy"); n != nil {
			id.Copy = uint8(min(f.d.natural(n, "copy", 1), 2))
		}
	}
	if id.Subject != sim.OfNode || !id.Node.IsClient() {
		return
	}
	n := f.take("op")
	if n == nil {
		return
	}
	op := f.d.natural(n, "op", 1)
	if op >= 1<<(64-opShift) || id.K >= 1<<opShift {
		f.d.fail(n, "op %d with k %d is more than any client draws", op, id.K)
	}
	id.K |= op << opShift
}

func (f *fields) node(key string) sim.NodeID {
	if n := f.need(key, "n1"); n != nil {
		return f.d.node(n, key)
	}
	return 0
}

func (f *fields) name(key, example string) string {
	n := f.need(key, example)
	if n == nil {
		return ""
	}
	s, ok := f.d.text(n, key)
	if ok && s == "" {
		f.d.fail(n, "%s is empty; write something like %s", key, example)
	}
	return s
}

// Identity prints an identity as a plan spells it: message: {from: n1, to: n4, type:
// raft/raft.Append, k: 3}.
func Identity(id sim.Identity) string { return identityText(id) }

// identityText prints an identity as a plan spells it.
func identityText(id sim.Identity) string {
	k := fmt.Sprintf("k: %d", id.K)
	switch id.Subject {
	case sim.OfRecord:
		return fmt.Sprintf("record: %d", id.K)
	case sim.OfMessage:
		if id.Copy > 0 {
			k += fmt.Sprintf(", copy: %d", id.Copy)
		}
		return fmt.Sprintf("message: {from: %v, to: %v, type: %s, %s}", id.Node, id.Peer, quote(id.Name), k)
	case sim.OfTimer:
		return fmt.Sprintf("timer: {node: %v, type: %s, %s}", id.Node, quote(id.Name), k)
	case sim.OfSync:
		return fmt.Sprintf("sync: {node: %v, file: %s, %s}", id.Node, quote(id.Name), k)
	case sim.OfCrash:
		return fmt.Sprintf("crash: {node: %v, %s}", id.Node, k)
	default:
		if op := id.K >> opShift; op > 0 && id.Node.IsClient() {
			k = fmt.Sprintf("op: %d, k: %d", op, id.K&(1<<opShift-1))
		}
		return fmt.Sprintf("draw: {node: %v, kind: %s, %s}", id.Node, quote(id.Name), k)
	}
}
