package global

type config struct{ nodes []int }

func (c *config) grow()    {}
func (c config) size() int { return len(c.nodes) }

var (
	count    int
	registry = map[string]int{}
	setup    config
	shared   = &config{}
	list     []int
	last     string
)

func init() { // want `global: init runs before any plan; set up in a function that the caller calls`
	count = 1 // want `global: package-level variable count changes; keep state in a struct that the run owns`
}

func bad(m map[string]int) *config {
	count++                // want `global: package-level variable count changes`
	count += 2             // want `global: package-level variable count`
	registry["a"] = 1      // want `global: package-level variable registry`
	delete(registry, "a")  // want `global: package-level variable registry`
	clear(registry)        // want `global: package-level variable registry`
	list = append(list, 1) // want `global: package-level variable list`
	copy(list[1:], list)   // want `global: package-level variable list`
	setup.nodes[0] = 1     // want `global: package-level variable setup`
	shared.nodes = nil     // want `global: package-level variable shared`
	setup.grow()           // want `global: the address of package-level variable setup lets it change`
	for last = range m {   // want `global: package-level variable last` `maprange:`
	}
	return &setup // want `global: the address of package-level variable setup`
}
