package scenarios

// All lists the scenarios, each family with the broken one before its fix.
func All() []*Scenario {
	return []*Scenario{
		raftScenario(),
		splitBrain(),
		splitBrainQuorum(),
		evenCluster(),
		evenClusterMajority(),
		livelock(),
		livelockRandomized(),
		livelockSpread(),
		staleRead(),
		staleReadIndex(),
		twopcScenario(),
		twopcNaiveDecision(),
		twopcNaivePrepare(),
		twopcNaiveTimeout(),
		twopcBlocking(),
		twopcTimeout(),
		twopcBackup(),
		twopcRaft(),
		twopcVariants(),
		twopcBatch(),
		twopcExhaustive(),
		threepcScenario(),
		threepcPartition(),
		lockScenario(),
		lockPause(),
		lockFencing(),
		lockSkew(),
		lockSkewStep(),
		redlockClock(),
		redlockAmnesia(),
		redlockScenario(),
	}
}
