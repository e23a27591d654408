package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// width is the terminal's width, 0 where the writer is no terminal.
func width(out io.Writer) int {
	file, ok := out.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
