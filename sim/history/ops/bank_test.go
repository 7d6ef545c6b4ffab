package ops_test

import (
	"testing"

	"distsim/sim/history/ops"
)

func TestTransactionsAndSettlementsPrintAsCallsAndAnswers(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{ops.Transaction{Legs: []ops.Leg{{Account: "a1", Amount: -30}, {Account: "a4", Amount: 30}}}.String(), "transfer(a1-30,a4+30)"},
		{ops.Transaction{Legs: []ops.Leg{{Account: "a1", Amount: 5}, {Account: "a2"}}}.String(), "transfer(a1+5,a2)"},
		{ops.Transaction{Legs: []ops.Leg{{Account: "a1"}, {Account: "a2"}, {Account: "a3"}}}.String(), "audit(a1,a2,a3)"},
		{ops.Transaction{}.String(), "audit()"},
		{ops.Settlement{Balances: []int64{70, 130}}.String(), "[70 130]"},
		{ops.Settlement{Short: "a1"}.String(), "short of a1"},
	} {
		if c.got != c.want {
			t.Errorf("printed %s, want %s", c.got, c.want)
		}
	}
}

func TestATransactionOnlyReadsIfAllItsAmountsAreZero(t *testing.T) {
	for _, c := range []struct {
		legs []ops.Leg
		want bool
	}{
		{nil, true},
		{[]ops.Leg{{Account: "a1"}, {Account: "a2"}}, true},
		{[]ops.Leg{{Account: "a1"}, {Account: "a2", Amount: -1}}, false},
	} {
		in := ops.Transaction{Legs: c.legs}
		if got := in.ReadOnly(); got != c.want {
			t.Errorf("%v: ReadOnly is %v, want %v", in, got, c.want)
		}
	}
}
