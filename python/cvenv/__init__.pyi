# SPDX-License-Identifier: MIT
import logging
import os
import sys
from types import SimpleNamespace
from typing import Any, Iterable, List, Optional, Sequence, Tuple, Union

_Path = Union[str, "os.PathLike[str]"]

CORE_VENV_DEPS: Tuple[str, ...]
__version__: str
logger: logging.Logger

class EnvBuilder:
    system_site_packages: bool
    clear: bool
    symlinks: bool
    upgrade: bool
    with_pip: bool
    prompt: Optional[str]
    orig_prompt: Optional[str]
    upgrade_deps: bool
    if sys.version_info >= (3, 13):
        scm_ignore_files: frozenset[str]
        def __init__(
            self,
            system_site_packages: bool = ...,
            clear: bool = ...,
            symlinks: Optional[bool] = ...,
            upgrade: bool = ...,
            with_pip: bool = ...,
            prompt: Optional[str] = ...,
            upgrade_deps: bool = ...,
            *,
            scm_ignore_files: Iterable[str] = ...,
        ) -> None: ...
        def create_git_ignore_file(self, context: SimpleNamespace) -> None: ...
    elif sys.version_info >= (3, 9):
        def __init__(
            self,
            system_site_packages: bool = ...,
            clear: bool = ...,
            symlinks: bool = ...,
            upgrade: bool = ...,
            with_pip: bool = ...,
            prompt: Optional[str] = ...,
            upgrade_deps: bool = ...,
        ) -> None: ...
    else:
        def __init__(
            self,
            system_site_packages: bool = ...,
            clear: bool = ...,
            symlinks: bool = ...,
            upgrade: bool = ...,
            with_pip: bool = ...,
            prompt: Optional[str] = ...,
        ) -> None: ...
    def create(self, env_dir: _Path) -> None: ...
    def ensure_directories(self, env_dir: _Path) -> SimpleNamespace: ...
    def clear_directory(self, path: _Path) -> None: ...
    def create_configuration(self, context: SimpleNamespace) -> None: ...
    def setup_python(self, context: SimpleNamespace) -> None: ...
    def symlink_or_copy(
        self, src: _Path, dst: _Path, relative_symlinks_ok: bool = ...
    ) -> None: ...
    def setup_scripts(self, context: SimpleNamespace) -> None: ...
    def install_scripts(self, context: SimpleNamespace, path: str) -> None: ...
    def replace_variables(self, text: str, context: SimpleNamespace) -> str: ...
    def post_setup(self, context: SimpleNamespace) -> None: ...
    def upgrade_dependencies(self, context: SimpleNamespace) -> None: ...

if sys.version_info >= (3, 13):
    def create(
        env_dir: _Path,
        system_site_packages: bool = ...,
        clear: bool = ...,
        symlinks: Optional[bool] = ...,
        with_pip: bool = ...,
        prompt: Optional[str] = ...,
        upgrade_deps: bool = ...,
        *,
        scm_ignore_files: Iterable[str] = ...,
    ) -> None: ...

elif sys.version_info >= (3, 9):
    def create(
        env_dir: _Path,
        system_site_packages: bool = ...,
        clear: bool = ...,
        symlinks: bool = ...,
        with_pip: bool = ...,
        prompt: Optional[str] = ...,
        upgrade_deps: bool = ...,
    ) -> None: ...

else:
    def create(
        env_dir: _Path,
        system_site_packages: bool = ...,
        clear: bool = ...,
        symlinks: bool = ...,
        with_pip: bool = ...,
        prompt: Optional[str] = ...,
    ) -> None: ...

def main(args: Optional[Sequence[str]] = ...) -> None: ...
def list_environments(
    roots: Optional[Iterable[_Path]] = ..., quick: bool = ...
) -> List[SimpleNamespace]: ...
def examine(env_dir: _Path, full: bool = ...) -> SimpleNamespace: ...
def repair(
    env_dir: _Path, python: Optional[_Path] = ..., dry_run: bool = ...
) -> SimpleNamespace: ...
def clone(
    src: _Path,
    dest: _Path,
    roots: Iterable[Tuple[_Path, _Path]] = ...,
    prompt: Optional[str] = ...,
    dry_run: bool = ...,
) -> SimpleNamespace: ...
def move(
    src: _Path,
    dest: _Path,
    roots: Iterable[Tuple[_Path, _Path]] = ...,
    prompt: Optional[str] = ...,
    dry_run: bool = ...,
) -> SimpleNamespace: ...
def remove(env_dir: _Path, dry_run: bool = ...) -> SimpleNamespace: ...
def pack(
    env_dir: _Path, output: _Path, with_python: bool = ..., dry_run: bool = ...
) -> SimpleNamespace: ...
def __getattr__(name: str) -> Any: ...
