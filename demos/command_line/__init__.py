"""The command line, `python -m demos`.

arguments     parses the arguments of the command line
flags         the flags of a demo, made from its config
suggestions   suggestions for misspelt arguments
lists         the demos and their scenes, as text
run           the command `run`: one run, its report, its exit status
report        a result as text
what_ran      the settings of a run, and the origin of each
files         the files that `run` writes
bar           the progress bar
sweep         the command `sweep`: many runs
vary          the values of `--vary`, such as step=0.001:0.1:20:log
"""

PROGRAM = "python -m demos"
