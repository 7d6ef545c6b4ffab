package snowflake

import (
	"testing"

	"pgregory.net/rapid"
)

var someone = Worker{3, 7}

// reading is one call of Next, and what must come of it.
type reading struct {
	now  Milli
	want Status
	f    Fields // of Issued
}

func at(milli Milli, sequence int) Fields { return Fields{milli, someone, sequence} }

func TestNext(t *testing.T) {
	for name, c := range map[string]struct {
		mark, limit Milli
		calls       []reading
	}{
		"ids follow each other": {0, MaxMilli, []reading{{5, Issued, at(5, 0)}, {5, Issued, at(5, 1)}, {6, Issued, at(6, 0)}}},
		"none in millisecond 0": {0, MaxMilli, []reading{{0, Full, Fields{}}, {1, Issued, at(1, 0)}}},
		"before the epoch":      {0, MaxMilli, []reading{{-1, BeforeEpoch, Fields{}}, {1, Issued, at(1, 0)}, {-1, BeforeEpoch, Fields{}}}},
		"the clock goes back": {0, MaxMilli, []reading{
			{9, Issued, at(9, 0)}, {8, Behind, Fields{}}, {9, Issued, at(9, 1)}, {1, Behind, Fields{}}, {10, Issued, at(10, 0)}}},
		"begins after the mark": {100, MaxMilli, []reading{
			{99, Behind, Fields{}}, {100, Full, Fields{}}, {101, Issued, at(101, 0)}}},
		"ends at the mark": {0, 20, []reading{{20, Issued, at(20, 0)}, {21, Unreserved, Fields{}}, {20, Issued, at(20, 1)}}},
		"nothing at first": {100, 100, []reading{{100, Full, Fields{}}, {101, Unreserved, Fields{}}}},
		"the epoch ends": {0, MaxMilli, []reading{
			{MaxMilli, Issued, at(MaxMilli, 0)}, {MaxMilli + 1, Exhausted, Fields{}}, {MaxMilli, Issued, at(MaxMilli, 1)}, {7, Behind, Fields{}}}},
		"begins after the end": {MaxMilli, MaxMilli, []reading{{MaxMilli, Exhausted, Fields{}}, {5, Exhausted, Fields{}}}},
	} {
		g := NewGenerator(someone, c.mark)
		g.Extend(c.limit)
		for i, call := range c.calls {
			id, status := g.Next(call.now)
			if status != call.want || id != 0 && id.Decode() != call.f || id == 0 && status == Issued {
				t.Errorf("%s: call %d: at %d: got %v, %v, want %v, %v", name, i, call.now, id, status, call.f.Pack(), call.want)
			}
		}
	}
}

// A millisecond has 4,096 ids, and the last one of all no successor.
func TestFull(t *testing.T) {
	for now, then := range map[Milli]Status{5: Full, MaxMilli: Exhausted} {
		g := NewGenerator(someone, 0)
		g.Extend(MaxMilli)
		for i := range PerMilli {
			if id, status := g.Next(now); status != Issued || id.Decode() != at(now, i) {
				t.Fatalf("id %d of millisecond %d: %v, %v", i, now, id, status)
			}
		}
		if _, status := g.Next(now); status != then {
			t.Errorf("a full millisecond %d: %v, want %v", now, status, then)
		}
		if g.Earliest() != now+1 {
			t.Errorf("the next ids are at %d, want %d", g.Earliest(), now+1)
		}
	}
}

// A mark never goes back.
func TestExtendNeverShortens(t *testing.T) {
	g := NewGenerator(someone, 0)
	g.Extend(50)
	g.Extend(20)
	if _, status := g.Next(50); status != Issued {
		t.Errorf("at a mark that was set before a lower one: %v", status)
	}
}

// model is a generator that remembers everything and decides by looking it up.
type model struct {
	given       map[ID]bool
	used        map[Milli]int // how many of a millisecond
	mark, limit Milli
	latest      Milli // at which it has given out an id
}

func (m *model) next(now Milli) (ID, Status) {
	switch {
	case now < 0:
		return 0, BeforeEpoch
	case now > MaxMilli || m.full(MaxMilli):
		return 0, Exhausted
	case now < m.latest || now < m.mark:
		return 0, Behind
	case now == m.mark || m.full(now):
		return 0, Full
	case now > m.limit:
		return 0, Unreserved
	}
	id := at(now, m.used[now]).Pack()
	if m.given[id] {
		panic("the model repeats itself")
	}
	m.given[id], m.latest = true, now
	m.used[now]++
	return id, Issued
}

func (m *model) full(now Milli) bool {
	return now == m.mark && now == MaxMilli || m.used[now] == PerMilli
}

// Whatever the clock shows, the generator does as the model does, across restarts at its
// limit, and never repeats itself.
func TestGeneratorAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.SampledFrom([]Milli{0, 1000, MaxMilli - 20}).Draw(t, "base")
		m := &model{given: map[ID]bool{}, used: map[Milli]int{}}
		g := NewGenerator(someone, 0)
		now := base
		t.Repeat(map[string]func(*rapid.T){
			"next": func(t *rapid.T) { agree(t, m, &g, now) },
			"burst": func(t *rapid.T) {
				for range rapid.SampledFrom([]int{3, 4095, 4096, 4097}).Draw(t, "n") {
					agree(t, m, &g, now)
				}
			},
			"tick": func(t *rapid.T) { now++ },
			"step": func(t *rapid.T) { now += Milli(rapid.IntRange(-15, 15).Draw(t, "by")) },
			"extend": func(t *rapid.T) {
				mark := base + Milli(rapid.IntRange(0, 30).Draw(t, "mark"))
				g.Extend(mark)
				m.limit = min(max(m.limit, mark), MaxMilli)
			},
			"restart": func(t *rapid.T) {
				g = NewGenerator(someone, m.limit)
				m.mark, m.latest = m.limit, m.limit
			},
		})
	})
}

func agree(t *rapid.T, m *model, g *Generator, now Milli) {
	earliest := g.Earliest()
	id, status := g.Next(now)
	wantID, want := m.next(now)
	if id != wantID || status != want {
		t.Fatalf("at %d: got %v, %v, want %v, %v", now, id, status, wantID, want)
	}
	if status == Issued && now < earliest || (status == Behind || status == Full) && now >= earliest {
		t.Fatalf("at %d: %v, and the earliest was %d", now, status, earliest)
	}
}

func TestNextAllocatesNothing(t *testing.T) {
	g := NewGenerator(someone, 0)
	g.Extend(MaxMilli)
	now := Milli(1)
	if n := testing.AllocsPerRun(10_000, func() {
		if _, status := g.Next(now); status != Issued {
			now++
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
