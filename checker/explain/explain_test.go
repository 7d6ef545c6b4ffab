package explain_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"distsim/checker/explain"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
	"distsim/sim/simtest/golden"
)

// seeds is how many runs each experiment takes.
const seeds = 10

// Experiment: on a five-node split brain under load the slice of a lost write
// is small and holds the replication messages that were cut.
func TestSliceOfALostWriteIsSmallAndTrue(t *testing.T) {
	for _, when := range []string{"in the partition", "after it healed"} {
		for _, sync := range []bool{false, true} {
			var worst, total int
			var of uint64
			for seed := uint64(1); seed <= seeds; seed++ {
				w := brain{seed: seed, sync: sync, clients: 3}.run(t)
				l := mustLose(t, w, when)
				r := explain.Slice(w.Trace(), explain.OfHistory(l.ops()))
				if err := judge(w, l, r); err != nil {
					t.Errorf("seed %d, lost %s, sync %v: %v", seed, when, sync, err)
				}
				worst, total, of = max(worst, r.Fraction()), total+len(r.Records), of+r.Of
			}
			t.Logf("lost %s, sync %-5v: on average %d of %d records, at most %d.%d %%", when, sync, total/seeds, of/seeds, worst/10, worst%10)
		}
	}
}

func mustLose(t testing.TB, w *sim.World, when string) lostWrite {
	from := uint64(0)
	if when == "after it healed" {
		from = healed(w.Trace())
	}
	l, ok := findLostWrite(w.History(), from)
	if !ok {
		t.Fatalf("seed %d: no write was lost %s", w.Seed(), when)
	}
	return l
}

func healed(t *sim.Trace) uint64 {
	for i := range t.Records() {
		if t.Records()[i].Kind == sim.KindHeal {
			return t.Records()[i].Seq
		}
	}
	return 0
}

// judge is what the experiment demands of a slice.
func judge(w *sim.World, l lostWrite, r explain.Result) error {
	if f := r.Fraction(); f >= 100 {
		return fmt.Errorf("the slice holds %d.%d %% of the records, want less than 10", f/10, f%10)
	}
	cut := cutCopies(w, l)
	if len(cut) == 0 {
		return fmt.Errorf("no copy of %v was cut", l.lost)
	}
	for _, seq := range cut {
		if !r.Contains(seq) {
			return fmt.Errorf("the cut copy of %v, record %d, is not in the slice", l.lost, seq)
		}
	}
	for _, op := range l.ops() {
		if !r.Contains(op.Invoked) || !r.Contains(op.Returned) {
			return fmt.Errorf("the slice does not hold both ends of %v", op)
		}
	}
	if fault := w.Trace().Records()[firstOf(w.Trace(), sim.KindFault)-1]; !r.Contains(fault.Seq) {
		return fmt.Errorf("the slice does not hold the fault: %s", fault.Text)
	}
	return nil
}

func firstOf(t *sim.Trace, kind sim.Kind) uint64 {
	for i := range t.Records() {
		if t.Records()[i].Kind == kind {
			return t.Records()[i].Seq
		}
	}
	return 0
}

// cutCopies are the replication messages of the lost write that were cut on
// their way to the server that answered the get.
func cutCopies(w *sim.World, l lostWrite) []uint64 {
	t := w.Trace()
	answerer := t.At(t.At(l.get.Returned).Cause).Peer
	in := l.lost.Input.(ops.Op)
	text := fmt.Sprintf("{key:%s value:%s id:", in.Key, in.Value)
	var cut []uint64
	for i := range t.Records() {
		r := &t.Records()[i]
		if r.To() == answerer && r.Fate == sim.Cut && strings.HasPrefix(r.Text, text) {
			cut = append(cut, r.Seq)
		}
	}
	return cut
}

// The judge must be able to fail: neither everything nor nothing is a slice,
// nor is one without absences.
func TestJudgeRejectsMutants(t *testing.T) {
	w := brain{seed: 1, clients: 3}.run(t)
	l := mustLose(t, w, "in the partition")
	good := explain.Slice(w.Trace(), explain.OfHistory(l.ops()))
	mutants := map[string]explain.Result{"everything": {Of: good.Of}, "nothing": {Of: good.Of}, "no absences": {Of: good.Of}}
	add := func(name string, i explain.Item) {
		m := mutants[name]
		m.Records = append(m.Records, i)
		mutants[name] = m
	}
	for seq := uint64(1); seq <= good.Of; seq++ {
		add("everything", explain.Item{Seq: seq})
	}
	absent := map[uint64]bool{}
	for _, a := range good.Absences {
		absent[a.Seq], absent[a.Send] = true, true
	}
	for _, i := range good.Records {
		if i.For == 0 {
			add("nothing", i)
		}
		if !absent[i.Seq] {
			add("no absences", i)
		}
	}
	for name, mutant := range mutants {
		if judge(w, l, mutant) == nil {
			t.Errorf("the judge accepts a slice of %s", name)
		}
	}
}

// A slice must hold both suspicions that made n3 primary, not only the last,
// and the heartbeats that each of them missed.
func TestSliceOfTwoPrimaries(t *testing.T) {
	for seed := uint64(1); seed <= seeds; seed++ {
		w := brain{seed: seed, clients: 3}.run(t)
		v := w.Violations()[0]
		r := explain.Slice(w.Trace(), explain.OfViolation(v))
		if r.Fraction() >= 10 {
			t.Errorf("seed %d: the slice holds %d records, want less than 1 %% of %d", seed, len(r.Records), r.Of)
		}
		cutBeats := map[sim.NodeID]bool{}
		suspicions := 0
		for _, i := range r.Records {
			switch record := w.Trace().At(i.Seq); {
			case record.Kind == sim.KindTimer && record.Node == sim.Server(3):
				suspicions++
			case record.Kind == sim.KindSend && record.Peer == sim.Server(3) && record.Fate == sim.Cut:
				cutBeats[record.Node] = true
			}
		}
		if suspicions != 2 || !cutBeats[sim.Server(1)] || !cutBeats[sim.Server(2)] {
			t.Errorf("seed %d: %d suspicions of n3 and beats cut from %v; want 2, and beats from n1 and n2", seed, suspicions, cutBeats)
		}
	}
}

// Every record of a slice but those it begins at explains another one of it.
func TestSliceIsConnected(t *testing.T) {
	w := brain{seed: 4, sync: true, clients: 3}.run(t)
	x := explain.NewIndex(w.Trace())
	l := mustLose(t, w, "after it healed")
	for _, start := range []explain.Start{explain.OfHistory(l.ops()), explain.OfViolation(w.Violations()[0])} {
		r := x.Slice(start)
		for i, item := range r.Records {
			if item.For != 0 && !r.Contains(item.For) || item.For == 0 && item.Why != "is the evidence" {
				t.Errorf("#%d %s #%d, which is not in the slice", item.Seq, item.Why, item.For)
			}
			if i > 0 && r.Records[i-1].Seq >= item.Seq {
				t.Errorf("#%d follows #%d", item.Seq, r.Records[i-1].Seq)
			}
		}
		for _, a := range r.Absences {
			if !r.Contains(a.Seq) || !r.Contains(a.Send) {
				t.Errorf("the absence of #%d is not in the slice", a.Seq)
			}
		}
	}
}

func TestSliceIsDeterministic(t *testing.T) {
	w := brain{seed: 2, clients: 3}.run(t)
	l := mustLose(t, w, "in the partition")
	first := explain.Slice(w.Trace(), explain.OfHistory(l.ops()))
	again := explain.Slice(w.Trace(), explain.OfHistory(l.ops()))
	if !reflect.DeepEqual(first, again) {
		t.Errorf("two slices of one trace differ: %d and %d records", len(first.Records), len(again.Records))
	}
}

func TestSliceOfNothing(t *testing.T) {
	w := sim.New(sim.Config{Seed: 1})
	w.AddServer(func() sim.Node { return &trusting{} })
	w.RunUntil(sim.Time(1e9))
	for name, start := range map[string]explain.Start{
		"a trace without records": {Places: []sim.Place{{Node: sim.Server(1), Field: "primary"}}},
		"no start":                {},
		"an unknown operation":    {Ops: []history.ID{{Client: 9, N: 9}}, Records: []uint64{1 << 40}},
	} {
		if r := explain.Slice(w.Trace(), start); len(r.Records) != 0 || r.Of != w.Trace().Len {
			t.Errorf("%s: %+v, want nothing", name, r)
		}
	}
}

func TestTextOfASlice(t *testing.T) {
	w := brain{seed: 1, clients: 3}.run(t)
	r := explain.Slice(w.Trace(), explain.OfViolation(w.Violations()[0]))
	var b bytes.Buffer
	if err := r.WriteText(&b, w.Trace()); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "explain/two-primaries.txt", b.Bytes())
}

func BenchmarkSlice(b *testing.B) {
	w := brain{seed: 1, clients: 3}.run(b)
	l := mustLose(b, w, "after it healed")
	b.ReportAllocs()
	for b.Loop() {
		explain.Slice(w.Trace(), explain.OfHistory(l.ops()))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(w.Trace().Len), "ns/record")
}
