"""The command line, `python -m demos`.

words         what a shell's words ask for
flags         the flags of a demo, read off its config
suggestions   what to write instead of a word that is not there
lists         the demos and their scenes, as text
run           one run: its report, its exit status
report        a result as text
what_ran      the settings of a run, and where each comes from
sweep         many runs
vary          `--vary step=0.001:0.1:20:log`
"""

PROGRAM = "python -m demos"
