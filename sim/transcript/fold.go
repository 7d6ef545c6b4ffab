package transcript

import (
	"fmt"
	"slices"
	"strings"

	"distsim/sim"
)

// fold gathers traffic that changed nothing.
type fold struct {
	started bool
	since   sim.Time
	kinds   []*quiet
}

// quiet is the gathered messages of one type and one fate.
type quiet struct {
	name  string
	fate  string // "" for those that arrived
	count int
	pairs []pair
}

type pair struct{ from, to sim.NodeID }

// add gathers one message.
func (f *fold) add(r *sim.Record, name string, lost bool) {
	if !f.started {
		f.started, f.since = true, r.At
	}
	fate := ""
	if lost {
		fate = r.Fate.String()
	}
	i := slices.IndexFunc(f.kinds, func(q *quiet) bool { return q.name == name && q.fate == fate })
	if i < 0 {
		i = len(f.kinds)
		f.kinds = append(f.kinds, &quiet{name: name, fate: fate})
	}
	q := f.kinds[i]
	q.count++
	if p := (pair{r.From(), r.To()}); !slices.Contains(q.pairs, p) {
		q.pairs = append(q.pairs, p)
	}
}

// String is the gathered traffic in one line.
func (f *fold) String() string {
	words := make([]string, len(f.kinds))
	for i, q := range f.kinds {
		words[i] = q.String()
	}
	return fmt.Sprintf("… since %s: %s", seconds(f.since), strings.Join(words, "; "))
}

func (q *quiet) String() string {
	if q.fate != "" {
		return fmt.Sprintf("✗ %d × %s %s %s", q.count, q.name, q.fate, routes(q.pairs))
	}
	return fmt.Sprintf("%d × %s %s", q.count, q.name, routes(q.pairs))
}

// routes describes who spoke to whom: senders with the same receivers share an
// entry, and a group in which everybody spoke to everybody is "among" it.
func routes(pairs []pair) string {
	receivers := map[sim.NodeID][]sim.NodeID{}
	var senders []sim.NodeID
	for _, p := range pairs {
		if receivers[p.from] == nil {
			senders = append(senders, p.from)
		}
		receivers[p.from] = append(receivers[p.from], p.to)
	}
	slices.Sort(senders)
	done := map[sim.NodeID]bool{}
	var words []string
	for _, from := range senders {
		if done[from] {
			continue
		}
		to := receivers[from]
		slices.Sort(to)
		word, group := route(from, to, senders, receivers)
		for _, id := range group {
			done[id] = true
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// route is one entry of routes and the senders that it covers.
func route(from sim.NodeID, to, senders []sim.NodeID, receivers map[sim.NodeID][]sim.NodeID) (string, []sim.NodeID) {
	circle := append(slices.Clone(to), from)
	slices.Sort(circle)
	closed := func(id sim.NodeID) bool {
		heard := append(slices.Clone(receivers[id]), id)
		slices.Sort(heard)
		return slices.Equal(heard, circle)
	}
	if len(circle) > 2 && !slices.ContainsFunc(circle, func(id sim.NodeID) bool { return !closed(id) }) {
		return "among " + names(circle), circle
	}
	var alike []sim.NodeID
	for _, id := range senders {
		slices.Sort(receivers[id])
		if slices.Equal(receivers[id], to) {
			alike = append(alike, id)
		}
	}
	return names(alike) + "→" + names(to), alike
}

// tally counts what gets no line.
type tally struct {
	timers, notices, clients, reached, draws, writes, syncs uint64
	flying                                                  int
}

// count counts a record of a kind that is never told.
func (t *tally) count(r *sim.Record) {
	switch r.Kind {
	case sim.KindDraw:
		t.draws++
	case sim.KindWrite:
		t.writes++
	case sim.KindSync:
		if r.Text == "" && r.Fate != sim.Lost {
			t.syncs++
		}
	case sim.KindReached:
		if r.K > 1 {
			t.reached++
		}
	}
}

// track keeps count of the messages on their way, whoever's they are.
func (t *tally) track(r *sim.Record) {
	switch r.Kind {
	case sim.KindSend:
		if r.Fate == sim.Delivered || r.Fate == sim.Duplicated {
			t.flying++
		}
	case sim.KindDeliver, sim.KindMiss:
		t.flying--
	}
}

// String says what was only counted, "" if nothing was.
func (t *tally) String() string {
	var words []string
	add := func(n uint64, one, many string) {
		if n > 0 {
			words = append(words, counted(n, one, many))
		}
	}
	add(t.timers, "timer", "timers")
	add(t.clients, "quiet client message", "quiet client messages")
	add(t.notices, "notice to oneself", "notices to oneself")
	add(t.reached, "mark reached again", "marks reached again")
	add(t.draws, "draw", "draws")
	add(t.writes, "write", "writes")
	add(t.syncs, "sync", "syncs")
	add(uint64(max(t.flying, 0)), "message on its way at the end", "messages on their way at the end")
	if len(words) == 0 {
		return ""
	}
	return "not told one by one: " + strings.Join(words, ", ")
}
