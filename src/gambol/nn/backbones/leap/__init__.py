"""LEAP: the small network of SLEAP's forerunner (Pereira 2019, doi:10.1038/s41592-018-0234-5)."""
