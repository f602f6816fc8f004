// The EVM of the permissioned chain, as a program that a validator starts. Its makers' own main refuses to run where a process may
// have fewer than 32,768 files open, as in many containers; a chain for tests needs no such number.
package main

import (
	"context"
	"log"

	"github.com/ava-labs/avalanchego/vms/rpcchainvm"
	"github.com/ava-labs/subnet-evm/plugin/evm"
)

func main() {
	evm.RegisterAllLibEVMExtras()
	if err := rpcchainvm.Serve(context.Background(), &evm.VM{}); err != nil {
		log.Fatal(err)
	}
}
