"""Where PySpark looks for the Python class of a stage: in the module that is called like the package of its Java class.

With it ``PipelineModel.load`` needs no ``import unroll`` before.
"""

from unroll import *  # noqa: F403
