package transcript

import (
	"fmt"
	"strings"

	"distsim/sim"
)

// line is one thing told.
type line struct {
	kind lineKind
	at   sim.Time
	node sim.NodeID // who acts, 0: nobody
	text string
	r    *sim.Record // what it tells, nil for gathered traffic
}

type lineKind uint8

const (
	stepLine   lineKind = iota + 1 // a node did something
	lostLine                       // a message did not arrive
	askLine                        // a client asks
	hearLine                       // a client hears, or gives up
	foldLine                       // quiet traffic
	bannerLine                     // a fault or a phase, across the page
	alarmLine                      // a violation, across the page
	lastLine                       // what was only counted
)

// page is where lines go.
type page interface {
	begin()
	put(l line)
}

// teller walks through a trace and decides what becomes a line.
type teller struct {
	t       *sim.Trace
	o       *Options
	cluster *cluster
	page    page
	phrase  func(r *sim.Record) string // what a step did, in the page's manner
	fold    fold
	boots   []sim.NodeID // first boots not told yet
	booted  sim.Time
	now     sim.Time
	told    map[uint64]bool
	tally   tally
	short   []string // of t.Names
}

func (t *teller) tell() {
	t.page.begin()
	records := t.t.Records()
	for i := range records {
		r := &records[i]
		if r.At > t.o.To {
			break
		}
		t.tally.track(r)
		if t.o.shows(r) {
			t.now = r.At
			t.tally.count(r)
			t.record(r)
		}
		t.cluster.follow(r)
	}
	t.tellBoots()
	t.flush()
	if s := t.tally.String(); s != "" {
		t.page.put(line{kind: lastLine, text: s})
	}
}

func isBanner(k sim.Kind) bool {
	switch k {
	case sim.KindFault, sim.KindHeal, sim.KindSkip, sim.KindPhase, sim.KindViolated:
		return true
	default:
		return false
	}
}

// record tells one record, gathers it or counts it.
func (t *teller) record(r *sim.Record) {
	if r.Kind == sim.KindBoot && r.Inc == 1 {
		t.boots = append(t.boots, r.Node)
		t.booted = r.At
		return
	}
	switch r.Kind {
	case sim.KindTimer, sim.KindDeliver, sim.KindResume, sim.KindBoot:
		t.stepOrQuiet(r)
	case sim.KindSend:
		if r.Fate.Gone() {
			t.lost(r)
		}
	case sim.KindMiss, sim.KindUnsent:
		t.lost(r)
	case sim.KindInvoke:
		t.put(askLine, r, short(r.Text))
	case sim.KindReturn:
		t.put(hearLine, r, t.answer(r))
	case sim.KindCrash, sim.KindPause, sim.KindHalt:
		t.flush()
		t.put(stepLine, r, t.stops(r))
	case sim.KindViolated:
		t.flush()
		t.put(alarmLine, r, t.banner(r))
	default:
		t.rest(r)
	}
}

// rest tells the kinds that need no thought.
func (t *teller) rest(r *sim.Record) {
	switch {
	case isBanner(r.Kind):
		t.flush()
		t.put(bannerLine, r, t.banner(r))
	case r.Kind == sim.KindRestart:
		t.put(stepLine, r, fmt.Sprintf("%v is started again", r.Node))
	case r.Kind == sim.KindUpgrade:
		t.put(stepLine, r, fmt.Sprintf("%v gets build %s", r.Node, r.Text))
	case r.Kind == sim.KindWipe:
		t.put(stepLine, r, fmt.Sprintf("the disk of %v is emptied", r.Node))
	case r.Kind == sim.KindLog:
		t.put(stepLine, r, fmt.Sprintf("%v says: %s", r.Node, short(r.Text)))
	case r.Kind == sim.KindSync && r.Fate == sim.Lost:
		t.put(stepLine, r, fmt.Sprintf("%v: the sync of %s fails", r.Node, t.t.NameOf(&r.Core)))
	case r.Text != "" && (r.Kind == sim.KindSync || r.Kind == sim.KindSynced):
		t.put(stepLine, r, t.sync(r))
	case r.Kind == sim.KindClock:
		t.put(stepLine, r, clock(r))
	case r.Kind == sim.KindReached && r.K == 1:
		t.put(stepLine, r, fmt.Sprintf("%v reached: %s", r.Node, t.t.NameOf(&r.Core)))
	}
}

// stepOrQuiet tells a step that changed something, and gathers the others.
func (t *teller) stepOrQuiet(r *sim.Record) {
	viewless := t.cluster.node(r.Node).viewless && r.Node.IsServer()
	switch {
	case len(t.o.news(r)) > 0, r.Kind == sim.KindResume, r.Kind == sim.KindBoot, viewless && r.Kind == sim.KindDeliver:
		t.put(stepLine, r, t.phrase(r))
	case r.Kind == sim.KindTimer:
		t.tally.timers++
	case r.Node == r.Peer:
		t.tally.notices++
	case r.Node.IsServer() && r.Peer.IsServer():
		t.fold.add(r, t.nameOf(r), false)
	case t.o.Talk:
		t.put(stepLine, r, t.step(r))
	default:
		t.tally.clients++
	}
}

// lost tells a message that did not arrive, together with others of its step
// that met the same fate, or gathers it.
func (t *teller) lost(r *sim.Record) {
	if t.told[r.Seq] {
		delete(t.told, r.Seq)
		return
	}
	if !t.matters(r) {
		t.fold.add(r, t.nameOf(r), true)
		return
	}
	to := []sim.NodeID{r.To()}
	for _, other := range t.companions(r) {
		t.told[other.Seq] = true
		to = append(to, other.To())
	}
	t.put(lostLine, r, fmt.Sprintf("✗ %v→%s %s: %s", r.From(), names(to), t.message(r), missed(r)))
}

// matters reports whether a lost message deserves a line: its step changed
// something, a client is at one end, or nobody can tell.
func (t *teller) matters(r *sim.Record) bool {
	if r.Kind == sim.KindUnsent || !r.From().IsServer() || !r.To().IsServer() || t.cluster.node(r.From()).viewless {
		return true
	}
	send := t.t.At(r.Message())
	if send == nil {
		return true
	}
	step := t.t.At(send.Cause)
	return step == nil || len(step.Fields) > 0
}

// companions are the sends that follow a lost one from the same step and say
// and suffer the same.
func (t *teller) companions(r *sim.Record) []*sim.Record {
	var found []*sim.Record
	if r.Kind != sim.KindSend {
		return nil
	}
	for next := t.t.At(r.Seq + 1); next != nil && next.Kind == sim.KindSend && next.Cause == r.Cause; next = t.t.At(next.Seq + 1) {
		if next.Type == r.Type && next.Fate == r.Fate && next.Text == r.Text && t.o.shows(next) {
			found = append(found, next)
		}
	}
	return found
}

// answer is how an operation ended, and who answered it.
func (t *teller) answer(r *sim.Record) string {
	text := short(r.Text)
	if step := t.t.At(r.Cause); step != nil && step.Kind == sim.KindDeliver {
		text += fmt.Sprintf(" (%v)", step.Peer)
	}
	return text
}

// put tells a line; what was gathered too long ago goes before it.
func (t *teller) put(kind lineKind, r *sim.Record, text string) {
	if t.fold.started && t.now-t.fold.since >= sim.Time(t.o.Fold) {
		t.flush()
	}
	l := line{kind: kind, at: r.At, node: r.Node, text: text, r: r}
	if kind == lostLine {
		l.node = r.From()
	}
	t.tellBoots()
	t.page.put(l)
}

// flush tells the quiet traffic gathered so far.
func (t *teller) flush() {
	if t.fold.started {
		t.tellBoots()
		t.page.put(line{kind: foldLine, at: t.now, text: t.fold.String()})
		t.fold = fold{}
	}
}

func (t *teller) tellBoots() {
	if len(t.boots) > 0 {
		t.page.put(line{kind: stepLine, at: t.booted, text: strings.ReplaceAll(names(t.boots), ",", " ") + " boot"})
		t.boots = nil
	}
}
