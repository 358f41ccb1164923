"""`python -m oncall` is the `oncall` command."""

from oncall.cli.main import main

if __name__ == "__main__":
    main(prog_name="oncall")
