"""Enter the environment from within a Python that runs already:

    import runpy
    runpy.run_path('bin/activate_this.py')

Afterwards this process finds the environment's modules first, installs into the environment, and
starts programs in it. This cannot be undone. Both Pythons must be of the same version.
"""
import os
import site
import sys
import sysconfig
from importlib.machinery import PathFinder


def site_directories(env_dir):
    scheme = 'venv' if 'venv' in sysconfig.get_scheme_names() else \
        'nt' if os.name == 'nt' else 'posix_prefix'
    places = {'base': env_dir, 'platbase': env_dir,
              'installed_base': env_dir, 'installed_platbase': env_dir}
    libs = {sysconfig.get_path(name, scheme, places) for name in ('purelib', 'platlib')}
    if not any(map(os.path.isdir, libs)):
        raise RuntimeError('%s is an environment of another Python, not of %d.%d' % (
            (ascii(env_dir),) + sys.version_info[:2]))
    return sorted(libs)


def sees_system(config):
    """The value of include-system-site-packages, read as the module site does."""
    answer = 'true'
    for line in config.splitlines():
        key, equals, value = line.partition('=')
        if equals and key.strip().lower() == 'include-system-site-packages':
            answer = value.strip().lower()
    return answer == 'true'


def compute_again():
    """Execute sysconfig and distutils again: they compute directories from sys.prefix on import."""
    old = [vars(sysconfig).get(name) for name in ('get_path', 'get_paths')]
    sysconfig.__spec__.loader.exec_module(sysconfig)
    for function in old:  # modules that imported them by name get the new default scheme
        function.__defaults__ = vars(sysconfig)[function.__name__].__defaults__
    for name in sorted(sys.modules, reverse=True):
        module = sys.modules[name]
        if 'distutils.sysconfig' in name and getattr(module, '__spec__', None):
            module.__spec__.loader.exec_module(module)


def add_site_directories(libs):
    """Put LIBS first in sys.path, before the directories and imports of their .pth files."""
    before = list(sys.path)

    class Rest:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return PathFinder.find_spec(name, before, target) if path is None else None

    # .pth files append to sys.path and import modules: those find the old entries last.
    sys.meta_path.append(Rest)
    sys.path[:] = libs
    try:
        for lib in libs:
            site.addsitedir(lib)
    finally:
        sys.meta_path.remove(Rest)
        sys.path += [entry for entry in before if entry not in sys.path]


def activate():
@LOCATE@    env_dir = @ENV_DIR@
    bin_dir = os.path.join(env_dir, @BIN@)
    try:
        with open(os.path.join(env_dir, 'pyvenv.cfg'), encoding='utf-8', errors='replace') as file:
            system = sees_system(file.read())
    except OSError as error:
        raise RuntimeError('%s is not an environment: was it moved or deleted? (%s)' % (
            ascii(env_dir), error.strerror)) from None
    libs = site_directories(env_dir)

    os.environ['VIRTUAL_ENV'] = env_dir
    os.environ['VIRTUAL_ENV_PROMPT'] = @PROMPT@
    old_path = os.environ.get('PATH')
    path = old_path.split(os.pathsep) if old_path else []
    if path[:1] != [bin_dir]:
        os.environ['PATH'] = os.pathsep.join([bin_dir] + path)
    os.environ.pop('PYTHONHOME', None)

    # As in a process of the environment's python.
    sys.prefix = sys.exec_prefix = env_dir
    for name in ('python', 'python.exe'):
        if os.access(os.path.join(bin_dir, name), os.X_OK):
            sys.executable = os.path.join(bin_dir, name)
            break
    site.PREFIXES = [env_dir] + ([sys.base_prefix, sys.base_exec_prefix] if system else [])
    if not system:
        site.ENABLE_USER_SITE = False
    compute_again()
    add_site_directories(libs)


activate()
