package bank

import (
	"fmt"
	"slices"
	"testing"

	"distsim/sim/history/ops"

	"pgregory.net/rapid"
)

// manager is what tests need of a Bank, so that a mutant can stand in for it.
type manager interface {
	Acquire(Tx, []ops.Leg) bool
	InTheWay(Tx) []Tx
	Execute(Tx) ([]int64, string)
	Commit(Tx) []Tx
	Abort(Tx) []Tx
	Redo(Tx, []ops.Leg)
	Holds(Tx) bool
	Waits(Tx) bool
	Held() []Lock
	Waiting() []Tx
	Balance(string) int64
	Total() int64
	Hash() uint64
}

var names = []string{"a", "b", "c"}

const initial = 10

func newBank() manager { return New(names, initial) }

// model is a bank that computes everything from what was decided and the list of
// transactions under way, the slow way.
type model struct {
	decided map[string]int64
	txs     []*modelTx // oldest first
	journal []entry    // what a log would hold
}

type modelTx struct {
	tx       Tx
	legs     []ops.Leg
	holds    bool
	executed bool
}

// entry is a prepared transaction or, without legs, its decision.
type entry struct {
	tx     Tx
	legs   []ops.Leg
	commit bool
}

func newModel() *model {
	m := &model{decided: map[string]int64{}}
	for _, a := range names {
		m.decided[a] = initial
	}
	return m
}

func (m *model) find(tx Tx) *modelTx {
	for _, t := range m.txs {
		if t.tx == tx {
			return t
		}
	}
	return nil
}

func (m *model) balance(account string) int64 {
	sum := m.decided[account]
	for _, t := range m.txs {
		for _, l := range t.legs {
			if t.executed && l.Account == account {
				sum += l.Amount
			}
		}
	}
	return sum
}

func clash(a, b *modelTx) bool {
	for _, x := range a.legs {
		for _, y := range b.legs {
			if x.Account == y.Account && (x.Amount != 0 || y.Amount != 0) {
				return true
			}
		}
	}
	return false
}

// grants gives locks until nobody can have theirs.
func (m *model) grants() (granted []Tx) {
	for again := true; again; {
		again = false
		for i, t := range m.txs {
			blocks := func(o *modelTx) bool { return o.holds && clash(o, t) }
			olderWaits := func(o *modelTx) bool { return !o.holds && clash(o, t) }
			if t.holds || slices.ContainsFunc(m.txs, blocks) || slices.ContainsFunc(m.txs[:i], olderWaits) {
				continue
			}
			t.holds, again = true, true
			granted = append(granted, t.tx)
		}
	}
	slices.SortFunc(granted, Tx.Compare)
	return granted
}

func (m *model) acquire(tx Tx, legs []ops.Leg) bool {
	if m.find(tx) == nil {
		m.txs = append(m.txs, &modelTx{tx: tx, legs: legs})
		slices.SortFunc(m.txs, func(a, b *modelTx) int { return a.tx.Compare(b.tx) })
		m.grants()
	}
	return m.find(tx).holds
}

func (m *model) inTheWay(tx Tx) (victims []Tx) {
	t := m.find(tx)
	if t == nil || t.holds {
		return nil
	}
	for _, o := range m.txs {
		if o.holds && clash(o, t) && tx.Older(o.tx) {
			victims = append(victims, o.tx)
		}
	}
	return victims
}

// execute returns the balances after the legs, or an account that is short.
func (m *model) execute(t *modelTx) (balances []int64, short string) {
	for _, l := range t.legs {
		if !t.executed && l.Amount < 0 && m.balance(l.Account)+l.Amount < 0 {
			return nil, l.Account
		}
	}
	if !t.executed {
		t.executed = true
		m.journal = append(m.journal, entry{tx: t.tx, legs: t.legs})
	}
	for _, l := range t.legs {
		balances = append(balances, m.balance(l.Account))
	}
	return balances, ""
}

func (m *model) end(tx Tx, commit bool) []Tx {
	t := m.find(tx)
	if t == nil {
		return nil
	}
	m.txs = slices.DeleteFunc(m.txs, func(x *modelTx) bool { return x == t })
	if commit {
		for _, l := range t.legs {
			m.decided[l.Account] += l.Amount
		}
	}
	if t.executed {
		m.journal = append(m.journal, entry{tx: tx, commit: commit})
	}
	return m.grants()
}

// recover redoes the journal on a new bank; what was not prepared is forgotten.
func (m *model) recover(b manager) {
	for _, e := range m.journal {
		switch {
		case e.legs != nil:
			b.Redo(e.tx, e.legs)
		case e.commit:
			b.Commit(e.tx)
		default:
			b.Abort(e.tx)
		}
	}
	m.txs = slices.DeleteFunc(m.txs, func(t *modelTx) bool { return !t.executed })
}

// step is one call.
type step struct {
	do   string
	tx   Tx
	legs []ops.Leg
}

func (s step) String() string { return fmt.Sprintf("%s %v %v", s.do, s.tx, s.legs) }

var txs = rapid.Custom(func(t *rapid.T) Tx {
	return Tx{
		Process: rapid.IntRange(1, 2).Draw(t, "process"),
		N:       rapid.IntRange(1, 2).Draw(t, "n"),
		Try:     rapid.IntRange(1, 2).Draw(t, "try"),
	}
})

var legs = rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) ops.Leg {
	return ops.Leg{
		Account: rapid.SampledFrom(names).Draw(t, "account"),
		Amount:  rapid.SampledFrom([]int64{0, 0, 0, 3, -3, 8, -8, -15}).Draw(t, "amount"),
	}
}), 1, 3, func(l ops.Leg) string { return l.Account })

var scripts = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
	return step{
		do: rapid.SampledFrom([]string{"acquire", "acquire", "acquire", "execute", "execute",
			"commit", "abort", "crash"}).Draw(t, "do"),
		tx:   txs.Draw(t, "tx"),
		legs: legs.Draw(t, "legs"),
	}
}), 1, 40)

// follow runs a script on a bank and on the model, and says where they part.
func follow(build func() manager, script []step) (err error) {
	at := 0
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
		if err != nil {
			err = fmt.Errorf("%w\nafter %v", err, script[:at+1])
		}
	}()
	b, m := build(), newModel()
	hashes, states := map[string]uint64{}, map[uint64]string{}
	for i, s := range script {
		at = i
		if s.do == "crash" {
			b = build()
			m.recover(b)
		}
		if got, want := act(b, m, s); got != want {
			return fmt.Errorf("got %s, want %s", got, want)
		}
		if err := compare(b, m); err != nil {
			return err
		}
		state := fmt.Sprint(b.Balance("a"), b.Balance("b"), b.Balance("c"), b.Held())
		h := b.Hash()
		if known, ok := hashes[state]; ok && known != h || states[h] != "" && states[h] != state {
			return fmt.Errorf("hash %x of %s, and before %x and %s", h, state, known, states[h])
		}
		hashes[state], states[h] = h, state
	}
	return nil
}

// act calls both with one step, as far as it is allowed, and returns the answers.
func act(b manager, m *model, s step) (got, want string) {
	t := m.find(s.tx)
	switch {
	case s.do == "acquire":
		got, want = fmt.Sprint(b.Acquire(s.tx, s.legs)), fmt.Sprint(m.acquire(s.tx, s.legs))
	case s.do == "execute" && t != nil && t.holds:
		got, want = fmt.Sprint(b.Execute(s.tx)), fmt.Sprint(m.execute(t))
	case s.do == "commit" && t != nil && t.executed:
		got, want = fmt.Sprint(b.Commit(s.tx)), fmt.Sprint(m.end(s.tx, true))
	case s.do == "abort":
		got, want = fmt.Sprint(b.Abort(s.tx)), fmt.Sprint(m.end(s.tx, false))
	}
	return got, want
}

// compare looks at everything that can be seen.
func compare(b manager, m *model) error {
	var got, want []string
	var total int64
	for _, a := range names {
		got = append(got, fmt.Sprint(a, b.Balance(a)))
		want = append(want, fmt.Sprint(a, m.balance(a)))
		total += m.balance(a)
	}
	got, want = append(got, fmt.Sprint(b.Total())), append(want, fmt.Sprint(total))
	for _, t := range m.txs {
		got = append(got, fmt.Sprint(t.tx, b.Holds(t.tx), b.Waits(t.tx), b.InTheWay(t.tx)))
		want = append(want, fmt.Sprint(t.tx, t.holds, !t.holds, m.inTheWay(t.tx)))
	}
	got, want = append(got, fmt.Sprint(b.Held(), b.Waiting())), append(want, fmt.Sprint(m.held(), m.waiting()))
	if !slices.Equal(got, want) {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	return nil
}

func (m *model) held() (held []Lock) {
	for _, a := range names {
		for _, t := range m.txs {
			uses := slices.ContainsFunc(t.legs, func(l ops.Leg) bool { return l.Account == a })
			writes := slices.ContainsFunc(t.legs, func(l ops.Leg) bool { return l.Account == a && l.Amount != 0 })
			if t.holds && uses {
				held = append(held, Lock{a, t.tx, writes})
			}
		}
	}
	return held
}

func (m *model) waiting() (waiting []Tx) {
	for _, t := range m.txs {
		if !t.holds {
			waiting = append(waiting, t.tx)
		}
	}
	return waiting
}

func TestBankAgreesWithTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if err := follow(newBank, scripts.Draw(t, "script")); err != nil {
			t.Fatal(err)
		}
	})
}
