package bank

import "math/bits"

// Hash fingerprints balances and locks, but not the queue, which a crash may forget.
// Each account and each lock contributes a term to a sum, so a change costs the same
// however many there are.
func (b *Bank) Hash() uint64 { return b.hash }

func (acc *account) term() uint64 { return mix(acc.key, uint64(acc.balance)) }

// term is the contribution of the leg's lock, held by tx.
func (l leg) term(tx Tx) uint64 {
	h := mix(mix(uint64(tx.Process), uint64(tx.N)), mix(uint64(tx.Try), tx.Epoch))
	if l.exclusive() {
		h++
	}
	return mix(h, l.account.key)
}

// hashText is FNV-1a.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix multiplies two words into 128 bits and xors the halves.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1342543de82ef95)
	return hi ^ lo
}
