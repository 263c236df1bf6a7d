// Command settings prints the table of settings of the README: every struct
// field under functions/ and shared/ with an envconfig tag, by name. With
// -readme it writes the table into that file instead, between its marks.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	readme := flag.String("readme", "", "file to write the table into")
	flag.Parse()
	if err := run(*readme); err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

func run(readme string) error {
	found, err := find("functions", "shared")
	if err != nil {
		return err
	}
	table, err := render(found)
	if err != nil {
		return err
	}
	if readme == "" {
		_, err = fmt.Print(table)
		return err
	}
	return rewrite(readme, table)
}
