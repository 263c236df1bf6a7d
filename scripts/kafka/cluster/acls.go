package cluster

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// ACLs is the command that prints what each function may do on the brokers, as
// calls of Kafka's own tool or as a table. It asks no broker. Invalid: the flags
// have faults.
func ACLs(_ context.Context, out io.Writer, args []string) error {
	wiring, err := wiring()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("acls", flag.ContinueOnError)
	table := flags.Bool("markdown", false, "print a table in Markdown instead of calls of kafka-acls")
	certificates := flags.Bool("certificates", false, "the users log in with certificates: their names are CN=NAME")
	only := flags.String("for", "", "print the rights of this function only; standalone, topics and letters are known too")
	if more, err := parse(flags, out, args); !more {
		return err
	}
	roles := kafka.Roles(wiring)
	if *only != "" {
		at := slices.IndexFunc(roles, func(r kafka.Role) bool { return r.Name == *only })
		if at < 0 {
			return monitor.Errorf(monitor.Invalid, "there is no function %q; kafka acls knows %s", *only, names(roles))
		}
		roles = roles[at : at+1]
	}
	text := calls(roles, *certificates)
	if *table {
		text = markdown(roles)
	}
	_, err = io.WriteString(out, text)
	return err
}

func names(roles []kafka.Role) string {
	var all []string
	for _, role := range roles {
		all = append(all, role.Name)
	}
	return strings.Join(all, ", ")
}

// calls are lines for a shell: kafka-acls is in Kafka's bin folder as kafka-acls.sh.
func calls(roles []kafka.Role, certificates bool) string {
	var out strings.Builder
	for _, role := range roles {
		user := role.User()
		if certificates {
			user = "CN=" + user
		}
		fmt.Fprintf(&out, "# %s\n", role.Name)
		for _, right := range role.Rights {
			fmt.Fprintf(&out, "kafka-acls --bootstrap-server \"$BROKERS\" --command-config \"$ADMIN\" --add --allow-principal 'User:%s'", user)
			for _, operation := range right.Operations {
				fmt.Fprintf(&out, " --operation %s", operation)
			}
			fmt.Fprintf(&out, " --%s %s\n", right.Resource, right.Name)
		}
	}
	return out.String()
}

func markdown(roles []kafka.Role) string {
	var out strings.Builder
	out.WriteString("| who | on | may | for |\n|---|---|---|---|\n")
	for _, role := range roles {
		for _, right := range role.Rights {
			fmt.Fprintf(&out, "| %s | %s `%s` | %s | %s |\n", role.Name, right.Resource, right.Name, strings.Join(right.Operations, ", "), right.Why)
		}
	}
	return out.String()
}
