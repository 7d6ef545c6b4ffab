package sim

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// instants are drawn near, far, equal and at the edges of the digits by which the
// radix heap files them.
func instants(now Time) *rapid.Generator[Time] {
	after := func(d Time) Time { return addTime(now, uint64(d)) }
	return rapid.OneOf(
		rapid.Custom(func(t *rapid.T) Time { return after(Time(rapid.IntRange(0, 3).Draw(t, "soon"))) }),
		rapid.Custom(func(t *rapid.T) Time { return after(Time(rapid.Int64Range(0, 1<<62).Draw(t, "later"))) }),
		rapid.Custom(func(t *rapid.T) Time {
			edge := Time(1) << rapid.IntRange(0, 62).Draw(t, "digit")
			return max(now, (after(edge)&^(edge-1))-Time(rapid.IntRange(0, 1).Draw(t, "before")))
		}),
		rapid.Custom(func(t *rapid.T) Time { // seconds apart, where 32 bits would not do
			digit := rapid.Uint64Range(0, radixSlots-1).Draw(t, "slot")
			return addTime(now, digit<<(radixDigit*rapid.IntRange(4, 6).Draw(t, "level")))
		}),
		rapid.Just(Never),
	)
}

// The radix heap against the binary heap: the same pops, ties included, with a
// bound on how late they may be, removals and resets.
func TestRadixAgainstAHeap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, oracle := &radix{}, &heap{}
		now, slots := Time(0), uint32(0)
		push := func(at Time) {
			slots++
			r.push(at, slots)
			oracle.push(at, slots)
		}
		pop := func(until Time) bool {
			want, due := oracle.pop(until)
			got, ok := r.pop(until)
			if ok != due || got != want {
				t.Fatalf("pop up to %d: got %d (%v), want %d (%v)", until, got, ok, want, due)
			}
			if due {
				now = got.at
			}
			return due
		}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) { push(instants(now).Draw(t, "at")) },
			"push many": func(t *rapid.T) {
				at := instants(now).Draw(t, "at")
				for range rapid.IntRange(1, 100).Draw(t, "n") {
					push(at)
				}
			},
			"pop": func(*rapid.T) { pop(Never) },
			"pop some": func(t *rapid.T) {
				until := instants(now).Draw(t, "until")
				for range rapid.IntRange(1, 50).Draw(t, "n") {
					pop(until)
				}
				if rapid.Bool().Draw(t, "time goes on") {
					for pop(until) {
					}
					now = max(now, until)
				}
			},
			"remove": func(t *rapid.T) {
				if len(oracle.keys) == 0 {
					t.Skip("empty")
				}
				e := rapid.SampledFrom(oracle.keys).Draw(t, "entry").pending()
				r.remove(e.at, e.slot)
				oracle.remove(e.slot)
			},
			"reset": func(t *rapid.T) {
				r.reset()
				*oracle, now = heap{}, 0
			},
			"": func(t *rapid.T) {
				if r.n != len(oracle.keys) {
					t.Fatalf("length: got %d, want %d", r.n, len(oracle.keys))
				}
			},
		})
		for pop(Never) {
		}
		if r.levels != 0 || r.head != 0 {
			t.Fatalf("an empty queue has levels %b and head %d", r.levels, r.head)
		}
	})
}

func TestRadixRefusesThePast(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an event before the current instant was queued")
		}
	}()
	var r radix
	r.push(10, 1)
	r.pop(Never)
	r.push(9, 2)
}

// Events stay as they were filled in, visited and dropped ones too.
func TestQueueKeepsItsEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		type entry struct {
			at Time
			k  uint64
		}
		model, now, pushed := map[uint64]Time{}, Time(0), uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				for range rapid.IntRange(1, 300).Draw(t, "n") {
					pushed++
					at := now + Time(rapid.IntRange(0, 200).Draw(t, "at"))
					q.push(at).k = pushed
					model[pushed] = at
				}
			},
			"pop": func(t *rapid.T) {
				e, ok := q.pop(Never)
				if !ok {
					t.Skip("empty")
				}
				ev := q.event(e.slot)
				if model[ev.k] != e.at {
					t.Fatalf("popped #%d at %d, want it at %d", ev.k, e.at, model[ev.k])
				}
				delete(model, ev.k)
				now = e.at
				q.done(ev, e.slot)
			},
			"reset": func(*rapid.T) {
				q.reset()
				clear(model)
				now = 0
			},
			"": func(t *rapid.T) {
				seen := map[entry]bool{}
				q.each(func(at Time, ev *event) { seen[entry{at, ev.k}] = true })
				if len(seen) != len(model) || q.len() != len(model) {
					t.Fatalf("%d events visited of %d, want %d", len(seen), q.len(), len(model))
				}
				for e := range seen {
					if at, ok := model[e.k]; !ok || at != e.at {
						t.Fatalf("visited #%d at %d, want %d (%v)", e.k, e.at, at, ok)
					}
				}
			},
		})
	})
}

// hold is the classic measure of a queue (Jones 1986): pop one, push one.
type holdQueue interface {
	push(Time, uint32)
	pop(Time) (pending, bool)
}

// BenchmarkQueueGrowth is how the cost of a pop and a push grows with what is
// pending, beside 64.
func BenchmarkQueueGrowth(b *testing.B) {
	inTurns(b, holdLane("1M", 1_000_000), holdLane("100k", 100_000), holdLane("1k", 1_000), holdLane("64", 64))
}

func holdLane(name string, pending int) lane {
	q, draws := &radix{}, uint64(0)
	latency := func() Time {
		draws++
		return Time(between(fold(draws, 2), time.Millisecond, 10*time.Millisecond))
	}
	for i := range pending {
		q.push(latency(), uint32(i))
	}
	return lane{name, func(int) int {
		const turn = 10_000
		for range turn {
			e, _ := q.pop(Never)
			q.push(e.at+latency(), e.slot)
		}
		return turn
	}}
}

// BenchmarkQueue compares the radix heap with the binary one in the hold model:
// every popped entry comes back 1 … 10 ms later. They take turns.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []struct {
		name    string
		pending int
	}{{"64", 64}, {"1k", 1_000}, {"100k", 100_000}, {"1M", 1_000_000}} {
		b.Run(n.name, func(b *testing.B) {
			queues := [2]holdQueue{&radix{}, &heap{}}
			var took [2]time.Duration
			for _, q := range queues {
				for i := range n.pending {
					q.push(Time(between(fold(uint64(i), 1), time.Millisecond, 10*time.Millisecond)), uint32(i))
				}
			}
			const turn = 2000
			draws := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				for i, q := range queues {
					start := time.Now()
					for range turn {
						e, _ := q.pop(Never)
						draws++
						q.push(e.at+Time(between(fold(draws, 2), time.Millisecond, 10*time.Millisecond)), e.slot)
					}
					took[i] += time.Since(start)
				}
			}
			per := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(b.N) / turn }
			b.ReportMetric(per(took[0]), "ns/hold")
			b.ReportMetric(per(took[1]), "ns/hold-heap")
			b.ReportMetric(per(took[0])/per(took[1]), "ratio")
		})
	}
}
