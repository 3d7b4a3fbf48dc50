"""The structure of the code: which files and packages import which, drawn as layers."""
