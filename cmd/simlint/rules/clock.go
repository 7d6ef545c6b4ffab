package rules

import "go/ast"

// checkClock bans real time. Durations, and instants computed from virtual time,
// are fine.
func checkClock(p *pass) {
	const (
		read  = "use env.Now or env.Elapsed"
		wait  = "arm a timer, or sleep as a Proc"
		limit = "arm a timer, or pass sim.Call a timeout"
		zone  = "stay in UTC"
	)
	p.banUses("depends on the machine's clock", map[string]string{
		"time.Now": read, "time.Since": read, "time.Until": read,
		"time.Sleep": wait, "time.After": wait, "time.AfterFunc": wait,
		"time.Tick": wait, "time.NewTimer": wait, "time.NewTicker": wait,
		"context.WithTimeout": limit, "context.WithTimeoutCause": limit,
		"context.WithDeadline": limit, "context.WithDeadlineCause": limit,
	})
	p.banUses("depends on the machine's time zone", map[string]string{
		"time.Local": zone, "(time.Time).Local": zone, "time.LoadLocation": zone,
	})
	p.inspect(p.checkZone)
}

// checkZone reports instants left in the host's zone, which decides how they
// print.
func (p *pass) checkZone(n ast.Node, stack []ast.Node) bool {
	id, ok := n.(*ast.Ident)
	if !ok {
		return true
	}
	switch name := fullName(p.TypesInfo.Uses[id]); name {
	case "time.Unix", "time.UnixMilli", "time.UnixMicro":
		if !inUTC(stack) {
			p.report(id.Pos(), name+" returns an instant in the machine's time zone", "append .UTC()")
		}
	}
	return true
}

// inUTC says whether the call of the function at the top of stack, spelt
// time.Unix, is followed by .UTC or .In.
func inUTC(stack []ast.Node) bool {
	if len(stack) < 3 {
		return false
	}
	sel, ok := stack[len(stack)-3].(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "UTC" || sel.Sel.Name == "In")
}
