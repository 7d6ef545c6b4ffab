package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// experiment is a small world to be disturbed at every effect of its nodes, and
// what must be true of it in the end.
type experiment struct {
	name  string
	holds bool // false: a twin that breaks its rule
	setUp func(w *World) (check func() error)
	on    []NodeID // whose effects
	pause bool     // pause there for longer than a lease, instead of crashing
}

// point is one effect of the undisturbed run: the k-th of the step that a
// record begins.
type point struct {
	node   NodeID
	record uint64
	effect int
}

// script answers the decisions of a crash (how much survives, how torn) from a
// list, so that all outcomes can be gone through in turn.
type script struct {
	answers, choices []int64
	asked            int
}

func (s *script) Choose(id Identity, o Outcomes, drawn int64) int64 {
	if id.Subject != OfCrash {
		return drawn
	}
	if s.asked == len(s.answers) {
		s.answers, s.choices = append(s.answers, 0), append(s.choices, 0)
	}
	s.choices[s.asked] = o.N
	s.asked++
	return s.answers[s.asked-1]
}

// next turns to the next list of answers; false after the last.
func (s *script) next() bool {
	for s.asked = 0; len(s.answers) > 0; {
		last := len(s.answers) - 1
		if s.answers[last]++; s.answers[last] < s.choices[last] {
			return true
		}
		s.answers, s.choices = s.answers[:last], s.choices[:last]
	}
	return false
}

// tally counts what an experiment has found.
type tally struct {
	points, runs, violations int
	first, undisturbed       error
}

// enumerate disturbs the experiment at every effect, one per run, with every
// crash model and every outcome of the crash.
func (x *experiment) enumerate() (n tally) {
	models := []CrashModel{LoseAll, KeepPrefix, TornTail}
	if x.pause {
		models = models[:1]
	}
	for _, step := range x.steps() {
		for effect := 1; ; effect++ {
			at := point{step.Node, step.Seq, effect}
			struck := false
			for _, model := range models {
				for s := (&script{}); ; {
					hit, err := x.run(at, model, s)
					struck = hit
					if !hit {
						n.undisturbed = err
						break
					}
					n.count(at, model, err)
					if !s.next() {
						break
					}
				}
			}
			if !struck { // the step has fewer effects
				break
			}
			n.points++
		}
	}
	return n
}

func (n *tally) count(at point, model CrashModel, err error) {
	n.runs++
	if err == nil {
		return
	}
	n.violations++
	if n.first == nil {
		n.first = fmt.Errorf("%v, effect %d of record %d (%v): %w", at.node, at.effect, at.record, model, err)
	}
}

// steps lists the records that begin the steps of an undisturbed run.
func (x *experiment) steps() []*Record {
	w, _ := x.world(nil)
	w.RunUntil(ms(300))
	w.Close()
	return records(w, func(r *Record) bool {
		return slices.Contains([]Kind{KindBoot, KindTimer, KindDeliver}, r.Kind) && slices.Contains(x.on, r.Node)
	})
}

func (x *experiment) world(c Chooser) (w *World, check func() error) {
	w = New(Config{Seed: 1, Records: c == nil, Chooser: c,
		Net: NetConfig{Latency: Uniform(millis(1), millis(5))}, Disk: DiskConfig{Sync: Uniform(millis(1), millis(6))}})
	return w, x.setUp(w)
}

// run strikes at one point and looks at the end whether the rule was kept.
func (x *experiment) run(at point, model CrashModel, s *script) (struck bool, err error) {
	w, check := x.world(s)
	defer w.Close()
	on := Strike{On: Identity{Subject: OfRecord, K: at.record}, Node: at.node, Effect: at.effect, Model: model, Pause: x.pause}
	w.StrikeAt(on, func(w *World, hit bool) {
		struck = hit
		w.After(ms(120), func(w *World) { w.Restart(at.node); w.Resume(at.node) })
	})
	if !w.RunUntil(ms(700)) {
		return struck, fmt.Errorf("%v\n%s", w.Violations()[0], w.Violations()[0].Stack)
	}
	return struck, check()
}

// logUnderTest has a client that stores eight entries, again and again until
// it is told that they are stored.
func logUnderTest(node func() Node) func(w *World) func() error {
	entries := strings.Fields("a bb ccc dddd a2 bb2 ccc2 dddd2")
	return func(w *World) func() error {
		var promised []string
		w.AddServer(node)
		w.AddClient(Go(func(p *Proc) {
			for _, entry := range entries {
				for !slices.Contains(promised, entry) {
					p.Send(Server(1), store(entry))
					if e, ok := p.RecvTimeout(millis(30)); ok {
						promised = append(promised, string(e.Message.(stored)))
					}
				}
			}
			for { // answers to what was asked twice are promises, too
				promised = append(promised, string(p.Recv().Message.(stored)))
			}
		}))
		return func() error {
			onDisk := strings.Fields(string(w.Durable(Server(1), "log")))
			for _, entry := range entries {
				switch is, was := slices.Contains(onDisk, entry), slices.Contains(promised, entry); {
				case was && !is:
					return fmt.Errorf("%s was promised, but the disk has %q", entry, onDisk)
				case !was:
					return fmt.Errorf("%s was never stored", entry)
				}
			}
			return nil
		}
	}
}

// commitUnderTest has two participants and a client that begins three
// transactions, each twice.
func commitUnderTest(coordinator func() Node) func(w *World) func() error {
	return func(w *World) func() error {
		heard := map[int][]bool{}
		w.AddServer(coordinator)
		for range 2 {
			w.AddServer(func() Node {
				return &participant{heard: func(d decision) { heard[d.tx] = append(heard[d.tx], d.commit) }}
			})
		}
		w.AddClient(Go(func(p *Proc) {
			for range 2 {
				for tx := 1; tx <= 3; tx++ {
					p.Send(Server(1), begin(tx))
					p.Sleep(millis(25))
				}
				p.Sleep(millis(150))
			}
		}))
		return func() error {
			onDisk := strings.Fields(string(w.Durable(Server(1), "decisions")))
			for tx := 1; tx <= 3; tx++ {
				all := heard[tx]
				if len(all) < 2 {
					return fmt.Errorf("transaction %d was decided for %d of 2 participants", tx, len(all))
				}
				if slices.Contains(all, true) && slices.Contains(all, false) {
					return fmt.Errorf("transaction %d was committed and aborted", tx)
				}
				if !slices.Contains(onDisk, fmt.Sprintf("%d=%v", tx, all[0])) {
					return fmt.Errorf("commit=%v of transaction %d was told, but the disk has %q", all[0], tx, onDisk)
				}
			}
			return nil
		}
	}
}

// leaseUnderTest has two holders that compete for a store.
func leaseUnderTest(store func() Node) func(w *World) func() error {
	return func(w *World) func() error {
		w.AddServer(func() Node { return &grantor{} })
		w.AddServer(Go(hold))
		w.AddServer(Go(hold))
		w.AddServer(store)
		return func() error {
			tokens := strings.Fields(string(w.Durable(Server(4), "data")))
			for i := 1; i < len(tokens); i++ {
				if len(tokens[i]) < len(tokens[i-1]) || len(tokens[i]) == len(tokens[i-1]) && tokens[i] < tokens[i-1] {
					return fmt.Errorf("a write under lease %s came after one under lease %s", tokens[i], tokens[i-1])
				}
			}
			if len(tokens) < 10 {
				return fmt.Errorf("only %d writes were made", len(tokens))
			}
			return nil
		}
	}
}

// Experiment 1: output commit suffices. Small nodes written against "every Send
// waits for every Sync before it" are crashed, or paused, at every effect of a
// run, with every outcome that the crash models allow. What they promised is
// always on their disk; a twin that breaks its rule is found out.
func TestOutputCommitSuffices(t *testing.T) {
	one, leases := []NodeID{Server(1)}, []NodeID{Server(1), Server(2), Server(3), Server(4)}
	for _, x := range []experiment{
		{"one-node log", true, logUnderTest(func() Node { return &oneNodeLog{} }), one, false},
		{"… says, then saves", false, logUnderTest(func() Node { return &hastyLog{} }), one, false},
		{"… never syncs", false, logUnderTest(func() Node { return &lazyLog{} }), one, false},
		{"… never syncs its name", false, logUnderTest(func() Node { return &namelessLog{} }), one, false},
		{"handler coordinator", true, commitUnderTest(func() Node { return &coordinator{} }), one, false},
		{"… tells, then decides", false, commitUnderTest(func() Node { return &amnesiac{} }), one, false},
		{"Proc coordinator", true, commitUnderTest(Go(coordinate)), one, false},
		{"… without its Sync", false, commitUnderTest(Go(coordinateHastily)), one, false},
		{"fenced lease, crashes", true, leaseUnderTest(func() Node { return &fencedStore{} }), leases, false},
		{"fenced lease, pauses", true, leaseUnderTest(func() Node { return &fencedStore{} }), leases, true},
		{"… trusting the holder", false, leaseUnderTest(func() Node { return &trustingStore{} }), leases, true},
	} {
		n := x.enumerate()
		t.Logf("%-24s %4d points, %5d runs, %4d violations", x.name, n.points, n.runs, n.violations)
		if n.points < 15 || n.runs < n.points {
			t.Errorf("%s: %d points, %d runs: the enumeration is not one", x.name, n.points, n.runs)
		}
		if x.holds && n.violations > 0 {
			t.Errorf("%s: %d violations, want none; the first: %v", x.name, n.violations, n.first)
		}
		if !x.holds && n.violations == 0 {
			t.Errorf("%s: no violation, want the broken rule found", x.name)
		}
		if x.pause && n.undisturbed != nil {
			t.Errorf("%s: violated without a pause: %v", x.name, n.undisturbed)
		}
		if !x.holds {
			t.Logf("   first: %v", n.first)
		}
	}
}
