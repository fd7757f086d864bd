"""Print the folder that `cfn-lint --append-rules` takes."""

from pathlib import Path

if __name__ == "__main__":
    print(Path(__file__).parent)
