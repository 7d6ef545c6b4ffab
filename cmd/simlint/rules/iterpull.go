package rules

// kernel is the one package that may run coroutines: it owns their schedule, and
// ends them.
const kernel = "distsim/sim"

// checkIterPull bans coroutines of one's own: a Proc is one already, and a pulled
// iterator that nobody stops leaks with everything it holds.
func checkIterPull(p *pass) {
	if p.Pkg.Path() == kernel {
		return
	}
	const instead = "write a Proc, or range over the iterator"
	p.banUses("starts a coroutine", map[string]string{"iter.Pull": instead, "iter.Pull2": instead})
}
