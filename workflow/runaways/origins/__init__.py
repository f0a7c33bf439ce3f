"""How a runaway got its speed: binary supernova or dynamical ejection."""
