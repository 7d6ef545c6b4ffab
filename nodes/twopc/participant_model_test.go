package twopc

import (
	"fmt"
	"slices"
	"sort"
	"testing"
	"time"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
	"distsim/sim/history/ops"

	"pgregory.net/rapid"
)

// A participant with all accounts is asked at random by a coordinator that the test
// plays, and must answer as a model that computes everything the slow way. It
// crashes at any moment and in any way. Then it may have forgotten what nobody has
// heard of, and nothing else.
func TestParticipantAgainstTheModel(t *testing.T) {
	for range 8 { // one is over in no time
		rapid.Check(t, examine)
	}
}

func examine(t *rapid.T) {
	x := newExam(t)
	defer x.w.Close()
	t.Repeat(map[string]func(*rapid.T){
		"prepare": func(t *rapid.T) { x.prepare(x.drawTx(t), drawLegs(t)) },
		"commit":  func(t *rapid.T) { x.commit(t, x.drawTx(t)) },
		"abort":   func(t *rapid.T) { x.abort(t, x.drawTx(t)) },
		"inquire": func(t *rapid.T) { x.inquire(x.drawTx(t)) },
		"settle":  x.settle,
		"crash": func(t *rapid.T) {
			x.run(time.Duration(rapid.IntRange(0, 7).Draw(t, "half milliseconds")) * time.Millisecond / 2)
			x.crash(t, sim.CrashModel(rapid.IntRange(0, 4).Draw(t, "model")))
		},
	})
	x.settle(t)
}

const modelAccounts, modelInitial = 3, 20

// phase is what the model believes of a transaction.
type phase int

const (
	unknown phase = iota
	waits
	promised
	committed
	aborted // as told, and maybe not on disk
	refused // for good
)

// exam is one participant, the model, and the coordinator between them.
type exam struct {
	w       *sim.World
	puppet  *puppet
	phase   map[Tx]phase
	legs    map[Tx][]ops.Leg
	before  map[Tx]phase // of what has changed since the participant was last at rest
	pending []string     // answers that the model expects
}

// puppet says what the test wants and notes what it hears.
type puppet struct {
	env   *sim.Env
	heard []string
	about map[Tx]phase // the strongest thing that was heard of each
}

func (p *puppet) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		p.env = env
		return
	case *Vote:
		p.about[m.Tx] = map[bool]phase{true: promised, false: refused}[m.Yes]
		p.heard = append(p.heard, fmt.Sprint(m.Summary(), m.Balances))
		return
	case *Ack:
		p.about[m.Tx] = committed
	case *Answer:
		p.about[m.Tx] = map[Verdict]phase{Uncertain: promised, KnowCommitted: committed, KnowAborted: refused}[m.Verdict]
	}
	p.heard = append(p.heard, sim.Summary(m))
}

func newExam(t *rapid.T) *exam {
	x := &exam{puppet: &puppet{about: map[Tx]phase{}}, phase: map[Tx]phase{}, legs: map[Tx][]ops.Leg{}, before: map[Tx]phase{}}
	x.w = sim.New(sim.Config{
		Seed: rapid.Uint64().Draw(t, "seed"),
		Net:  sim.NetConfig{Latency: sim.Fixed(100 * time.Microsecond)},
		Disk: sim.DiskConfig{Sync: sim.Uniform(500*time.Microsecond, 3*time.Millisecond)},
	})
	cfg := Config{Accounts: modelAccounts, Initial: modelInitial, RetryEvery: 1000 * time.Hour}
	x.w.AddServer(func() sim.Node { return x.puppet })
	x.w.AddServer(cfg.Participant)
	x.run(time.Millisecond)
	return x
}

func (x *exam) run(d time.Duration) { x.w.RunUntil(x.w.Now() + sim.Time(d)) }

func (x *exam) participant() *Participant { return x.w.Node(sim.Server(2)).(*Participant) }

func (x *exam) drawTx(t *rapid.T) Tx {
	return Tx{Process: rapid.IntRange(1, 3).Draw(t, "process"), N: rapid.IntRange(1, 3).Draw(t, "n"), Try: 1, Epoch: 1}
}

func drawLegs(t *rapid.T) []ops.Leg {
	names := rapid.SliceOfNDistinct(rapid.SampledFrom(AccountNames(modelAccounts)), 1, modelAccounts, rapid.ID).Draw(t, "accounts")
	legs := make([]ops.Leg, len(names))
	for i, name := range names {
		legs[i] = ops.Leg{Account: name, Amount: int64(rapid.IntRange(-2, 2).Draw(t, "ten")) * 10}
	}
	return legs
}

func (x *exam) prepare(tx Tx, legs []ops.Leg) {
	if x.legs[tx] == nil {
		x.legs[tx] = legs
	}
	x.puppet.env.Send(sim.Server(2), &Prepare{Tx: tx, Legs: x.legs[tx], Participants: []sim.NodeID{sim.Server(2)}})
	switch x.phase[tx] {
	case unknown:
		x.becomes(tx, waits)
		x.grant()
		if x.phase[tx] == waits {
			x.wound(tx)
		}
	case promised:
		x.expect(fmt.Sprint((&Vote{Tx: tx, Yes: true}).Summary(), x.balances(tx)))
	case committed:
		x.expect(sim.Summary(&Ack{tx}))
	case refused:
		x.expect(fmt.Sprint((&Vote{Tx: tx}).Summary(), []int64(nil)))
	}
}

func (x *exam) commit(t *rapid.T, tx Tx) {
	if p := x.puppet.about[tx]; p != promised && p != committed || x.phase[tx] != promised && x.phase[tx] != committed {
		t.Skip("nobody decides that")
	}
	x.puppet.env.Send(sim.Server(2), &Commit{tx})
	x.expect(sim.Summary(&Ack{tx}))
	x.becomes(tx, committed)
	x.grant()
}

func (x *exam) abort(t *rapid.T, tx Tx) {
	if x.phase[tx] == committed {
		t.Skip("nobody decides that")
	}
	x.puppet.env.Send(sim.Server(2), &Abort{tx})
	if x.phase[tx] < aborted {
		x.becomes(tx, aborted)
		x.grant()
	}
}

func (x *exam) inquire(tx Tx) {
	x.puppet.env.Send(sim.Server(2), &Inquiry{tx})
	answer := KnowAborted
	switch was := x.phase[tx]; was {
	case promised:
		answer = Uncertain
	case committed:
		answer = KnowCommitted
	default:
		if was == waits {
			x.expect(fmt.Sprint((&Vote{Tx: tx}).Summary(), []int64(nil)))
		}
		x.becomes(tx, refused)
		x.grant()
	}
	x.expect(sim.Summary(&Answer{tx, answer}))
}

func (x *exam) becomes(tx Tx, p phase) {
	if _, known := x.before[tx]; !known {
		x.before[tx] = x.phase[tx]
	}
	x.phase[tx] = p
}

func (x *exam) expect(answer string) { x.pending = append(x.pending, answer) }

// in lists the transactions in a phase, oldest first.
func (x *exam) in(p phase) (all []Tx) {
	for tx, is := range x.phase {
		if is == p {
			all = append(all, tx)
		}
	}
	slices.SortFunc(all, Tx.Compare)
	return all
}

func (x *exam) clash(a, b Tx) bool {
	return slices.ContainsFunc(x.legs[a], func(l ops.Leg) bool {
		return slices.ContainsFunc(x.legs[b], func(m ops.Leg) bool {
			return l.Account == m.Account && (l.Amount != 0 || m.Amount != 0)
		})
	})
}

// grant lets those vote that can have their locks, until there are none.
func (x *exam) grant() {
	for again := true; again; {
		again = false
		waiting := x.in(waits)
		for i, tx := range waiting {
			inTheWay := func(o Tx) bool { return x.clash(o, tx) }
			if slices.ContainsFunc(x.in(promised), inTheWay) || slices.ContainsFunc(waiting[:i], inTheWay) {
				continue
			}
			x.vote(tx)
			again = true
			break
		}
	}
}

func (x *exam) vote(tx Tx) {
	for _, leg := range x.legs[tx] {
		if leg.Amount < 0 && x.balance(leg.Account)+leg.Amount < 0 {
			x.becomes(tx, refused)
			x.expect(fmt.Sprint((&Vote{Tx: tx, Short: leg.Account}).Summary(), []int64(nil)))
			return
		}
	}
	x.becomes(tx, promised)
	x.expect(fmt.Sprint((&Vote{Tx: tx, Yes: true}).Summary(), x.balances(tx)))
}

func (x *exam) wound(tx Tx) {
	for _, o := range x.in(promised) {
		if x.clash(o, tx) && tx.Older(o) {
			x.expect(sim.Summary(&Wound{o}))
		}
	}
}

func (x *exam) balance(account string) int64 {
	sum := int64(modelInitial)
	for _, tx := range slices.Concat(x.in(promised), x.in(committed)) {
		for _, leg := range x.legs[tx] {
			if leg.Account == account {
				sum += leg.Amount
			}
		}
	}
	return sum
}

func (x *exam) balances(tx Tx) (all []int64) {
	for _, leg := range x.legs[tx] {
		all = append(all, x.balance(leg.Account))
	}
	return all
}

// settle lets everything arrive, and compares.
func (x *exam) settle(t *rapid.T) {
	x.run(200 * time.Millisecond)
	sort.Strings(x.puppet.heard)
	sort.Strings(x.pending)
	if !slices.Equal(x.puppet.heard, x.pending) {
		t.Fatalf("heard %q\nwant  %q", x.puppet.heard, x.pending)
	}
	x.puppet.heard, x.pending = nil, nil
	clear(x.before)
	x.compare(t)
}

func (x *exam) compare(t *rapid.T) {
	p := x.participant()
	for account, got := range p.Accounts() {
		if want := x.balance(account); got != want {
			t.Fatalf("%s has %d, want %d", account, got, want)
		}
	}
	var locks []bank.Lock
	for _, tx := range x.in(promised) {
		for _, leg := range x.legs[tx] {
			locks = append(locks, bank.Lock{Account: leg.Account, Tx: tx, Exclusive: leg.Amount != 0})
		}
	}
	sort.SliceStable(locks, func(i, j int) bool { return locks[i].Account < locks[j].Account })
	if got := p.Held(); !slices.Equal(got, locks) {
		t.Fatalf("locked is %v, want %v", got, locks)
	}
	for tx, want := range x.phase {
		if got := p.phase(tx); got != want && (got != refused || want != aborted) && (got != aborted || want != refused) {
			t.Fatalf("%v is %d there, want %d", tx, got, want)
		}
	}
}

// phase is what the participant believes.
func (p *Participant) phase(tx Tx) phase {
	t := p.find(tx)
	switch {
	case p.ended[tx] == hasCommitted:
		return committed
	case p.ended[tx] == hasAborted:
		return aborted
	case p.ended[tx] == hasSavedAbort:
		return refused
	case t == nil:
		return unknown
	case t.prepared:
		return promised
	default:
		return waits
	}
}

// crash ends the participant at whatever it is doing. What it remembers when it
// starts again must include all that was heard of it, and whatever had been saved;
// of the rest the model believes the participant, within reason.
func (x *exam) crash(t *rapid.T, model sim.CrashModel) {
	x.w.Crash(sim.Server(2), model)
	x.run(time.Millisecond) // what has left arrives
	x.w.Restart(sim.Server(2))
	x.w.RunUntil(x.w.Now())
	x.pending, x.puppet.heard = nil, nil
	p := x.participant()
	for _, tx := range x.all() {
		is := p.phase(tx)
		if !slices.Contains(x.allowed(tx), is) {
			t.Fatalf("after the crash %v is %d, want one of %d: was %d, then %d, heard %d",
				tx, is, x.allowed(tx), x.was(tx), x.phase[tx], x.puppet.about[tx])
		}
		x.phase[tx] = is
		if is == promised {
			x.expect(sim.Summary(&Inquiry{tx}))
		}
	}
	x.settle(t)
}

func (x *exam) all() (all []Tx) {
	for tx := range x.phase {
		all = append(all, tx)
	}
	slices.SortFunc(all, Tx.Compare)
	return all
}

func (x *exam) was(tx Tx) phase {
	if p, changed := x.before[tx]; changed {
		return p
	}
	return x.phase[tx]
}

// allowed is what a transaction may be after a crash.
func (x *exam) allowed(tx Tx) (phases []phase) {
	heard := x.puppet.about[tx]
	if heard == committed || heard == refused {
		return []phase{heard}
	}
	if x.was(tx) == committed || x.was(tx) == refused {
		return []phase{x.was(tx)}
	}
	least := heard // promised or unknown
	if x.was(tx) == promised {
		least = promised
	}
	switch x.phase[tx] {
	case committed:
		return []phase{least, promised, committed}
	case aborted, refused:
		return []phase{least, promised, refused}
	case promised:
		return []phase{least, promised}
	default:
		return []phase{least}
	}
}
