// Package histories makes histories for tests, by hand and at random, and judges
// small ones by brute force. It shares no code with the specifications: what it
// says about key-value operations it says on its own.
package histories

import (
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Done is an operation answered: its name, its ends, what was asked and heard.
func Done(client, n int, from, to uint64, in, out any) history.Op {
	return history.Op{
		ID: history.ID{Client: client, N: n}, Process: client, Input: in, Output: out,
		Outcome: history.OK, Invoked: from, Returned: to,
	}
}

// Doubt is an operation never answered. Its process retires.
func Doubt(client, n int, from uint64, in any) history.Op {
	return history.Op{
		ID: history.ID{Client: client, N: n}, Process: 1000*client + n, Input: in,
		Outcome: history.Unknown, Invoked: from,
	}
}

// Refused is an operation that failed.
func Refused(client, n int, from, to uint64, in any) history.Op {
	o := Done(client, n, from, to, in, nil)
	o.Outcome = history.Failed
	return o
}

// Operations on the key k1, and their answers.

func Get() ops.Op                    { return ops.Op{Kind: ops.Get, Key: "k1"} }
func Put(v string) ops.Op            { return ops.Op{Kind: ops.Put, Key: "k1", Value: v} }
func Append(v string) ops.Op         { return ops.Op{Kind: ops.Append, Key: "k1", Value: v} }
func Delete() ops.Op                 { return ops.Op{Kind: ops.Delete, Key: "k1"} }
func CAS(expect, v string) ops.Op    { return ops.Op{Kind: ops.CAS, Key: "k1", Expect: expect, Value: v} }
func On(key string, o ops.Op) ops.Op { o.Key = key; return o }

func Ok() ops.Result          { return ops.Result{OK: true} }
func Nil() ops.Result         { return ops.Result{} }
func Saw(v string) ops.Result { return ops.Result{Value: v, Found: true} }
