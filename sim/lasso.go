package sim

import "fmt"

// Lasso is a proof that the servers go round in circles: at two instants the state
// of the servers, and of what is on its way between them, was the same but for
// numbers that only grow, nothing in between was a matter of chance, and what
// clients said changed nothing. So what happened in between happens for ever, until
// somebody interferes. A client that says something at another moment of the round
// may do that: an idle cluster has a lasso too, which says nothing about the next
// request.
//
// The shortest lasso is that of a world in which nothing is under way and no timer is
// armed: nothing will ever happen there (Quiet).
type Lasso struct {
	From, To       Time
	FromSeq, ToSeq uint64 // the records of one round are FromSeq+1 … ToSeq
	Events         uint64 // of one round; 0: Quiet
	State          string // that came back, a line for each server, message and timer
}

// Period is how long a round takes.
func (l *Lasso) Period() Time { return l.To - l.From }

// Quiet reports whether nothing will ever happen: From is then the last event, To the
// end of the search.
func (l *Lasso) Quiet() bool { return l.Events == 0 }

// FindLasso runs the world on until its servers have come back to a state, or
// until t. Without a lasso it says why: none came, or the state cannot be compared
// (chance, faults, nodes that are not Canonical). It works between events, so it
// changes nothing about the run; it is slow, and meant for runs that have stalled.
func (w *World) FindLasso(until Time) (l *Lasso, why string) {
	s := &lassoSearch{seen: map[string]instance{}, patience: w.unforeseen + patientDraws*uint64(len(w.servers))}
	s.observe(w)
	if s.why != "" {
		return nil, s.why
	}
	w.watches.tail, w.watches.active = s.afterEvent, true
	w.RunUntil(until)
	w.watches.tail = nil
	if s.over {
		w.stopped = false
	}
	if s.lasso == nil && s.why == "" && w.nothingToCome() {
		s.lasso = &Lasso{From: s.now.at, To: w.now, FromSeq: s.now.seq, ToSeq: s.now.seq, State: s.state[1:]}
	}
	if s.lasso == nil && s.why == "" {
		s.why = fmt.Sprintf("no state of the servers came twice until %v", w.now)
	}
	return s.lasso, s.why
}

// nothingToCome reports whether nothing at all is in the queue: no message, no sync, no
// timer of a server or client, nobody outside.
func (w *World) nothingToCome() bool { return w.queue.len() == 0 && !w.stopped }

// patientDraws is how many matters of chance a search sits out for each server: a
// system that goes on drawing will not stop.
const patientDraws = 20

// lassoSearch looks at the state after every event.
type lassoSearch struct {
	seen     map[string]instance // states at the end of an instant
	now      instance            // after the latest event
	raw      string
	state    string
	hits     uint64 // how often a client's message has changed something
	patience uint64 // how far unforeseen may grow
	lasso    *Lasso
	why      string
	over     bool // the search has stopped the world
}

// instance is when a state was, and what had happened until then.
type instance struct {
	at                            Time
	seq, events, unforeseen, hits uint64
}

// observe takes the state as it is now.
func (s *lassoSearch) observe(w *World) {
	c := w.canonical()
	s.why = c.refused
	s.raw, s.state = c.raw(), c.normal()
	s.now = instance{w.now, w.trace.Len, w.events, w.unforeseen, s.hits}
}

func (s *lassoSearch) afterEvent(w *World) {
	if w.now > s.now.at {
		s.enter(w)
	}
	if s.over {
		return
	}
	before, began := s.raw, s.now.seq
	s.observe(w)
	if s.raw != before && w.fromClient(began) {
		s.hits++
		s.now.hits = s.hits
	}
	if w.unforeseen > s.patience {
		s.why = "chance goes on deciding what the servers do"
	}
	if s.why != "" {
		s.stop(w)
	}
}

// enter compares the state at the end of an instant with those before it.
func (s *lassoSearch) enter(w *World) {
	first, again := s.seen[s.state]
	s.seen[s.state] = s.now
	if !again || first.unforeseen != s.now.unforeseen || first.hits != s.now.hits {
		return
	}
	s.lasso = &Lasso{From: first.at, To: s.now.at, FromSeq: first.seq, ToSeq: s.now.seq,
		Events: s.now.events - first.events, State: s.state[1:]}
	s.stop(w)
}

// stop ends the search, and the run with it, unless somebody else has just done so.
func (s *lassoSearch) stop(w *World) {
	if !w.stopped {
		s.over, w.stopped = true, true
	}
}

// fromClient reports whether the event whose records begin after record number
// began is the arrival of a client's message at a server.
func (w *World) fromClient(began uint64) bool {
	if w.trace.Len == began {
		return false
	}
	c := w.trace.slot(began)
	return c.Kind == KindDeliver && c.Peer.IsClient() && c.Node.IsServer()
}
