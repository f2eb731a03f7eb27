"""What is seen: the only part of the program, with its entry point, that imports Kivy."""
