"""Enter the environment from within a Python that runs already:

    import runpy
    runpy.run_path('bin/activate_this.py')

Modules are then found in the environment first, and what is started afterwards runs in
it. There is no way back. Both Pythons must be of the same version.
"""
import os
import site
import sys
import sysconfig


def activate():
@LOCATE@    env_dir = @ENV_DIR@
    bin_dir = os.path.join(env_dir, @BIN@)

    scheme = 'venv' if 'venv' in sysconfig.get_scheme_names() else \
        'nt' if os.name == 'nt' else 'posix_prefix'
    places = {'base': env_dir, 'platbase': env_dir,
              'installed_base': env_dir, 'installed_platbase': env_dir}
    libs = {sysconfig.get_path(name, scheme, places) for name in ('purelib', 'platlib')}
    if not any(map(os.path.isdir, libs)):
        raise RuntimeError('%s is an environment of another Python, not of %d.%d' % (
            (ascii(env_dir),) + sys.version_info[:2]))

    os.environ['VIRTUAL_ENV'] = env_dir
    os.environ['VIRTUAL_ENV_PROMPT'] = @PROMPT@
    old_path = os.environ.get('PATH')
    path = old_path.split(os.pathsep) if old_path else []
    if path[:1] != [bin_dir]:
        os.environ['PATH'] = os.pathsep.join([bin_dir] + path)
    os.environ.pop('PYTHONHOME', None)

    # What addsitedir() adds, it adds last.
    before = list(sys.path)
    for lib in sorted(libs):
        site.addsitedir(lib)
    added = [entry for entry in sys.path if entry not in before]
    sys.path[:] = added + before
    sys.prefix = sys.exec_prefix = env_dir


activate()
