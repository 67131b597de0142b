"""Boats and what else is at home on the water. y = 0 is the water line."""
import math

from .kinds import kind


@kind("sailboat", "sailboat, sailing boat, boat", home="water", tall=0.36, wide=0.85, moves="sail")
def sailboat(p):
    sway = 0.02 * math.sin(2 * math.pi * p.phase)
    p.line([(0, 0.1), (0.0 + sway, 0.98)], "wood", 0.03)
    p.blob([(0.04 + sway, 0.94), (0.2, 0.6), (0.36, 0.26), (0.2, 0.23), (0.04, 0.26)], "cloth", "slope")
    p.blob([(-0.04 + sway, 0.86), (-0.16, 0.56), (-0.28, 0.27), (-0.15, 0.25), (-0.04, 0.27)], "main", "slope")
    p.poly([(-0.42, 0.2), (0.44, 0.2), (0.3, -0.03), (-0.3, -0.03)], "main", "slope")
    p.poly([(-0.385, 0.14), (0.405, 0.14), (0.37, 0.09), (-0.36, 0.09)], "trim")
    p.poly([(0.0 + sway, 0.99), (0.0 + sway, 0.92), (-0.1, 0.95)], "main")
