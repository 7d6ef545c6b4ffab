// Package spec holds sequential specifications for package checker: what a
// correct object answers when operations come one at a time.
//
//	KV        a key-value map over the vocabulary of history/ops, judged key by key
//	Register  one cell of any comparable type: read, write, compare-and-swap
//	Bank      accounts and transactions over several of them, judged as one object: strict serializability
//	Lock      locks with leases and fencing tokens, judged lock by lock; LockOps prepares their histories
//
// It shares no code with any server: a mistake in how a server applies an
// operation must not hide in the specification that judges it.
//
// All explain their violations. An explanation is a small proof, checked on the
// history before it is printed; the rules are listed in explain.go and the facts
// they draw on in deed.go, for banks in bankexplain.go, bankproof.go and book.go,
// for locks in lockexplain.go and lockproof.go.
package spec
