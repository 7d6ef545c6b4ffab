package rules

// checkOS bans packages that ask the operating system or the Go runtime, or speak
// to the outside.
func checkOS(p *pass) {
	const (
		disk    = "use the Env's disk; let cmd and tests read real files"
		network = "send messages"
		machine = "do without: scheduler, collector and platform differ from run to run"
	)
	p.banImports(map[string]string{
		"os": disk, "os/...": disk, "io/ioutil": disk,
		"syscall": disk, "golang.org/x/sys/...": disk,
		"path/filepath": "its separator is the platform's; use path",
		"net":           network, "net/...": network,
		"net/netip": "", "net/url": "", // pure values
		"runtime": machine, "runtime/...": machine, "weak": machine, "plugin": machine,
		"log": "it stamps the wall clock; use env.Logf",
	})
}
