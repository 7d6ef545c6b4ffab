package sim

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The queue against a sorted slice: earliest first, first come first among
// equals, and every event as it was filled in.
func TestQueueAgainstASortedSlice(t *testing.T) {
	type entry struct {
		at Time
		k  uint64
	}
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var model []entry
		pushed := uint64(0)
		pop := func(t *rapid.T) {
			if len(model) == 0 {
				t.Skip("empty")
			}
			first := slices.MinFunc(model, func(a, b entry) int { return int(a.at - b.at) }) // the first of equals
			model = slices.DeleteFunc(model, func(e entry) bool { return e == first })
			at, ev, slot := q.pop()
			if at != first.at || ev.k != first.k {
				t.Fatalf("pop: got #%d at %d, want #%d at %d", ev.k, at, first.k, first.at)
			}
			q.done(ev, slot)
		}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				pushed++
				at := Time(rapid.IntRange(0, 20).Draw(t, "at"))
				q.push(at).k = pushed
				model = append(model, entry{at, pushed})
			},
			"push many": func(t *rapid.T) {
				at := Time(rapid.IntRange(0, 20).Draw(t, "at"))
				for range rapid.IntRange(1, 300).Draw(t, "n") {
					pushed++
					q.push(at).k = pushed
					model = append(model, entry{at, pushed})
				}
			},
			"pop":       pop,
			"pop again": pop,
			"": func(t *rapid.T) {
				if q.len() != len(model) {
					t.Fatalf("length: got %d, want %d", q.len(), len(model))
				}
				for i := range q.heap {
					if i > 0 && q.heap[i].before(q.heap[(i-1)/2]) {
						t.Fatalf("heap[%d] comes before its parent", i)
					}
				}
			},
		})
		for len(model) > 0 {
			pop(t)
		}
	})
}
