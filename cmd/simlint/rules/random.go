package rules

// checkRandom bans randomness with a source of its own, also a seeded one: the
// order in which it is asked would decide what it answers, so that removing one
// fault would change every draw after it.
func checkRandom(p *pass) {
	const draw = "draw from the Env, which keys each draw by its identity"
	p.banImports(map[string]string{
		"math/rand": draw, "math/rand/...": draw,
		"crypto/rand":  draw,
		"hash/maphash": "its seed differs in each process; use hash/fnv",
	})
}
