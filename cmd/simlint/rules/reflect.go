package rules

// checkReflect asks for the reason of every use of reflection. Most of it is the
// same in every run; what is not, the order of maps and addresses, rules maprange
// and pointer ban by name.
func checkReflect(p *pass) {
	p.banImports(map[string]string{
		"reflect": "do without, or say in an allow comment why it is the same in every run",
	})
}
