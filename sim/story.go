package sim

import "fmt"

// summarize keeps what a message says with its record, when records are kept. The
// records of its arrival need not say it again. Messages are put into words when
// somebody reads them, but at once while they are checked for changes.
func (w *World) summarize(seq uint64, m Message) {
	switch {
	case !w.trace.keep:
	case w.cfg.FreezeCheck:
		w.trace.kept.text(seq, Summary(m))
	default:
		w.trace.kept.message(m) // seq is the latest record
	}
}

// Summary is a message in words: its own, or its fields.
func Summary(m Message) string {
	if s, ok := m.(Summarizer); ok {
		return s.Summary()
	}
	return trimPointer(fmt.Sprintf("%+v", m))
}

func trimPointer(s string) string {
	if len(s) > 0 && s[0] == '&' {
		return s[1:]
	}
	return s
}

// FaultBegins records that a fault takes hold, as it is written in a plan, and
// returns the number by which FaultEnds closes the interval.
func (w *World) FaultBegins(text string) uint64 {
	seq := w.story(KindFault, 0, text)
	if w.current == 0 {
		w.cause = seq // what the fault now does, it has caused
	}
	return seq
}

// FaultEnds records that the fault of record begin is over, and returns the number
// of the record that says so.
func (w *World) FaultEnds(begin uint64, text string) uint64 { return w.story(KindHeal, begin, text) }

// Remark adds words to the text of a record, when records are kept; only then are
// they asked for. No hash knows them.
func (w *World) Remark(seq uint64, words func() string) {
	if w.trace.keep {
		w.trace.kept.remark(seq, words())
	}
}

// FaultSkipped records that a fault found nothing to act on, and why.
func (w *World) FaultSkipped(text string) { w.story(KindSkip, 0, text) }

// Phase records that the run enters a phase; env.Sometimes says yes in the
// phase called chaos only, in which every run begins.
func (w *World) Phase(name string) {
	w.chaos = name == "chaos"
	w.story(KindPhase, 0, name)
}

func (w *World) story(kind Kind, begin uint64, text string) uint64 {
	c := w.rec(kind, nil)
	c.K, c.Cause, c.Cause2 = begin, begin, 0
	seq := w.seal(c)
	if w.trace.keep {
		w.trace.kept.text(seq, text)
	}
	return seq
}
