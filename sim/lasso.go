package sim

import (
	"fmt"
	"strings"
)

// Lasso is a proof that the servers go round in circles: at two instants the state
// of the servers, and of what is on its way between them, was the same but for
// numbers that only grow, nothing in between was a matter of chance, and what
// clients said changed nothing. So what happened in between happens for ever, until
// somebody interferes. A client that says something at another moment of the round
// may do that: an idle cluster has a lasso too, which says nothing about the next
// request.
//
// The shortest lasso is a standstill (Still): nothing is under way between servers and no
// timer of theirs will ever be due. So they do nothing of themselves any more, whatever
// the network would draw. What goes to a process that is paused waits there. About clients
// it proves no more than this: each of their messages that arrived between From and To left
// the state as it was, and the server that handled it drew nothing and looked at no clock
// or disk; so the same message changes nothing whenever it arrives again. Another message
// may, even the next one, and one that is on its way at To: a standstill lasts until
// something else comes from a client, and where nothing will come at all it lasts for ever.
type Lasso struct {
	From, To       Time
	FromSeq, ToSeq uint64 // the records of one round are FromSeq+1 … ToSeq
	Events         uint64 // of one round; at a standstill only clients have any
	State          string // that came back, a line for each server, message and timer
	Still          bool   // it is a standstill
}

// Period is how long a round takes.
func (l *Lasso) Period() Time { return l.To - l.From }

// FindLasso runs the world on until its servers have come back to a state, or
// until t. Without a lasso it says why: none came, or the state cannot be compared
// (chance, faults, nodes that are not Canonical). It works between events, so it
// changes nothing about the run; it is slow, and meant for runs that have stalled.
//
// A round ends the search. A standstill is proved at its end only, and only if no client
// has changed anything in it, or what came last from them was in vain, or if none of them
// can say anything any more. Chance in the network and in disks refuses a search only while
// something is under way that it may decide about, or a server says something: what is lost
// now may arrive next time, and a client hear an answer.
func (w *World) FindLasso(until Time) (l *Lasso, why string) {
	s := &lassoSearch{seen: map[string]instance{}, patience: w.unforeseen + patientDraws*uint64(len(w.servers))}
	s.observe(w)
	if s.why != "" {
		return nil, s.why
	}
	s.since = s.now
	w.watches.tail, w.watches.active = s.afterEvent, true
	ended := w.RunUntil(until)
	w.watches.tail = nil
	s.conclude(w, ended)
	return s.lasso, s.why
}

// conclude says what has come of a search that is over. Where somebody else has ended the
// run, nothing comes after that.
func (s *lassoSearch) conclude(w *World, ended bool) {
	still := ended && s.still
	if s.over {
		w.stopped = false
	} else if !ended {
		s.lasso = nil
	}
	switch {
	case s.lasso != nil || s.why != "":
	case still && (s.hits == 0 || s.vain || w.queue.len() == 0):
		s.now.at = w.now
		s.found(s.since)
	case still:
		s.why = fmt.Sprintf("nothing is under way, but what clients say has changed something, or was a matter of chance, until %v", w.now)
	default:
		s.why = fmt.Sprintf("no state of the servers came twice until %v", w.now)
	}
}

// patientDraws is how many matters of chance a search sits out for each server: a
// system that goes on drawing will not stop.
const patientDraws = 20

// lassoSearch looks at the state after every event.
type lassoSearch struct {
	seen     map[string]instance // states at the end of an instant
	now      instance            // after the latest event
	since    instance            // when the state became what it is, and nothing that mattered came from a client any more
	raw      string
	state    string
	still    bool   // nothing moves
	chance   string // what would decide about what servers say, "": nothing
	hits     uint64 // how often a client's message has changed something, or may next time
	vain     bool   // one after the latest hit has come to a standstill and changed nothing
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
	s.why, s.chance = c.refused, c.chance
	s.raw, s.state, s.still = c.raw(), c.normal(), !c.moving
	s.now = instance{w.now, w.trace.Len, w.events, w.unforeseen, s.hits}
}

func (s *lassoSearch) afterEvent(w *World) {
	if w.now > s.now.at {
		s.enter(w)
	}
	if s.over {
		return
	}
	before, last := s.raw, s.now
	s.observe(w)
	changed := s.raw != before
	if changed {
		s.since = s.now
	}
	if w.fromClient(last.seq) {
		s.heard(changed || w.unforeseen > last.unforeseen)
	}
	switch {
	case s.why != "":
	case w.trace.Len-last.seq > ringSize: // how it began is no longer known
		s.why = "an event has made more records than can be looked at"
	case s.chance != "" && w.serversSaid(last.seq): // what is lost now may arrive next time
		s.why = s.chance
	case w.unforeseen > s.patience && !s.still: // at a standstill it is clients that draw
		s.why = "chance goes on deciding what the servers do"
	}
	if s.why != "" {
		s.stop(w)
	}
}

// heard takes note of a client's message. What a server does with it by chance, or by its
// clock or disk, it may do otherwise with the next.
func (s *lassoSearch) heard(matters bool) {
	switch {
	case matters:
		s.hits++
		s.now.hits = s.hits
		s.since, s.vain = s.now, false
	case s.still:
		s.vain = true
	}
}

// enter compares the state at the end of an instant with those before it. That a
// standstill has not ended yet is no round.
func (s *lassoSearch) enter(w *World) {
	if s.still {
		return
	}
	first, again := s.seen[s.state]
	s.seen[s.state] = s.now
	if !again || first.unforeseen != s.now.unforeseen || first.hits != s.now.hits {
		return
	}
	s.found(first)
	s.stop(w)
}

// found is the lasso from an earlier instance of the present state to now.
func (s *lassoSearch) found(first instance) {
	s.lasso = &Lasso{From: first.at, To: s.now.at, FromSeq: first.seq, ToSeq: s.now.seq,
		Events: s.now.events - first.events, State: strings.TrimPrefix(s.state, "\n"), Still: s.still}
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

// serversSaid reports whether a server has sent something since record number began,
// even if it is lost.
func (w *World) serversSaid(began uint64) bool {
	for n := began; n < w.trace.Len; n++ {
		if c := w.trace.slot(n); c.Kind == KindSend && c.Node.IsServer() {
			return true
		}
	}
	return false
}
