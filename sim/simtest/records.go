package simtest

import (
	"fmt"
	"strings"

	"distsim/sim"
)

// Records is some records of a run's trace, for assertions. The methods that select
// can be chained; Want, Some, None, WantTexts and Before fail the test.
type Records struct {
	selected[sim.Record]
	trace *sim.Trace
}

// noRecords is what Trace says without any. As an answer of Config.Check it is an error
// of the Config: the run itself may be well, and with records it would be another.
const noRecords = "the world keeps no records: set Records in the simtest.Config (or in the sim.Config of a world that you made yourself)"

// Trace selects all records of a run. The world must keep them: Records of a
// Config, or of a sim.Config for a world of one's own.
//
//	simtest.Trace(t, w).Sent("raft.Append").From(n1).Lost().Want(2)
//	simtest.Trace(t, w).Of(sim.KindSynced).On(n2).Before(simtest.Trace(t, w).Sent("raft.VoteReply").From(n2))
func Trace(t T, w *sim.World) Records {
	t.Helper()
	tr := w.Trace()
	list := tr.Records()
	if len(list) == 0 && tr.Len > 0 {
		t.Fatalf("%s", noRecords)
	}
	say := func(r sim.Record) string { return fmt.Sprintf("record %d: %s", r.Seq, tr.Describe(&r)) }
	return Records{selected[sim.Record]{t, "records", list, say}, tr}
}

// Where keeps the records that fit; what completes the sentence of a message: "in
// term 3".
func (s Records) Where(what string, fits func(r *sim.Record) bool) Records {
	return Records{s.where(what, fits), s.trace}
}

// Of keeps those of a kind.
func (s Records) Of(kind sim.Kind) Records {
	return s.Where("of kind "+kind.String(), func(r *sim.Record) bool { return r.Kind == kind })
}

// On keeps those of a machine: of messages, those that it sends or receives.
func (s Records) On(node sim.NodeID) Records {
	return s.Where("on "+node.String(), func(r *sim.Record) bool { return r.Node == node })
}

// Named keeps those about a type of message, a timer key, a file or a draw, in
// whatever Part.
func (s Records) Named(name string) Records {
	return s.Where("about "+name, func(r *sim.Record) bool { return s.named(r, name) })
}

func (s Records) named(r *sim.Record, name string) bool {
	full := s.trace.NameOf(&r.Core)
	return full == name || strings.HasSuffix(full, "/"+name)
}

// Sent keeps the messages of a type as they leave, the second copy of one too.
func (s Records) Sent(message string) Records {
	return s.Where("of "+message+" sent", func(r *sim.Record) bool { return r.Kind == sim.KindSend && s.named(r, message) })
}

// Delivered keeps the messages of a type as they arrive.
func (s Records) Delivered(message string) Records {
	return s.Where("of "+message+" delivered", func(r *sim.Record) bool { return r.Kind == sim.KindDeliver && s.named(r, message) })
}

// From keeps the messages of a sender.
func (s Records) From(node sim.NodeID) Records {
	return s.Where("from "+node.String(), func(r *sim.Record) bool { return r.From() == node })
}

// To keeps the messages to a receiver.
func (s Records) To(node sim.NodeID) Records {
	return s.Where("to "+node.String(), func(r *sim.Record) bool { return r.To() == node })
}

// Lost keeps the messages that left and never arrived, whatever took them.
func (s Records) Lost() Records {
	missed := map[uint64]bool{}
	for _, r := range s.trace.Records() {
		missed[r.Cause] = missed[r.Cause] || r.Kind == sim.KindMiss
	}
	return s.Where("that were lost", func(r *sim.Record) bool {
		return r.Kind == sim.KindSend && (r.Fate.Gone() || missed[r.Seq])
	})
}

// Saying keeps those whose text contains a word: logs, faults, reasons.
func (s Records) Saying(text string) Records {
	return s.Where(fmt.Sprintf("saying %q", text), func(r *sim.Record) bool { return strings.Contains(r.Text, text) })
}

// Between keeps those from one instant to another, both included.
func (s Records) Between(from, to sim.Time) Records {
	return s.Where(fmt.Sprintf("from %v to %v", from, to), func(r *sim.Record) bool { return from <= r.At && r.At <= to })
}

// First keeps the first, if there is one.
func (s Records) First() Records {
	s.what, s.list = "first of "+s.what, s.list[:min(1, len(s.list))]
	return s
}

// Last keeps the last, if there is one.
func (s Records) Last() Records {
	s.what, s.list = "last of "+s.what, s.list[max(0, len(s.list)-1):]
	return s
}

// Texts lists what they say.
func (s Records) Texts() []string {
	texts := make([]string, len(s.list))
	for i := range s.list {
		texts[i] = s.list[i].Text
	}
	return texts
}

// WantTexts fails unless they say just that, in this order.
func (s Records) WantTexts(texts ...string) {
	s.t.Helper()
	wantEach(s.selected, texts, func(r sim.Record) string { return r.Text }, func(a, b string) bool { return a == b })
}

// Times lists when they happened.
func (s Records) Times() []sim.Time {
	times := make([]sim.Time, len(s.list))
	for i := range s.list {
		times[i] = s.list[i].At
	}
	return times
}

// WantTimes fails unless they happened just then.
func (s Records) WantTimes(times ...sim.Time) {
	s.t.Helper()
	wantEach(s.selected, times, func(r sim.Record) sim.Time { return r.At }, func(a, b sim.Time) bool { return a == b })
}

// Before fails unless there are some of both and all of these come before all of
// those.
func (s Records) Before(those Records) {
	s.t.Helper()
	s.Some()
	those.Some()
	if s.Count() == 0 || those.Count() == 0 {
		return
	}
	last, first := s.list[len(s.list)-1], those.list[0]
	if last.Seq >= first.Seq {
		s.t.Errorf("%s are not all before %s:\n  %s\n  %s", s.what, those.what, s.say(last), those.say(first))
	}
}
