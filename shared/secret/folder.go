package secret

import "os"

// Folder is the setting that says where the files of secrets lie.
type Folder struct {
	Secrets string `envconfig:"MONITOR_SECRETS" desc:"folder of secrets: <namespace>/<name>"`
}

// Resolver returns what finds secrets in the process's environment and in the
// folder.
func (f Folder) Resolver() Resolver { return Resolver{Env: os.LookupEnv, Dir: f.Secrets} }
